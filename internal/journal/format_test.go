package journal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The keys of a line, as they were when they were first written. Keys are added, and
// never renamed, removed or given another meaning, so that a line needs no version: what
// an older gosteady wrote is read by each newer one, and the other way round. Scripts go
// by them as well.
const (
	firstLine = `{"time":"2026-11-21T12:00:00Z","duration":1500000000,"exit":1,"gosteady":"v0.1.0","command":["build","./..."],"dir":"/src/app",` +
		`"events":[{"time":"2026-11-21T12:00:01Z","outcome":"unhealed","class":"reset","module":"example.com/m","version":"v1.0.0","upstream":"proxy.example",` +
		`"file":"zip","action":"retry","attempts":5,"wait":700000000,"text":"connection reset by peer"}],"dropped":2}`
	newestLine = `{"time":"2026-11-30T12:00:00Z","duration":1,"exit":0,"gosteady":"v0.9.0","command":["build"],"dir":"/src",` +
		`"events":[{"time":"2026-11-30T12:00:00Z","outcome":"healed","class":"reset","module":"m","private":true,"version":"v1","upstream":"p",` +
		`"file":"zip","action":"retry","attempts":2,"wait":3,"paused":4,"text":"t"}],"dropped":1,` +
		`"requests":{"count":5,"failed":6,"bytes":7,"waited":8,"not_kept":9},"id":"20261130t120000.000000000z-1"}`
	requestLine = `{"start":1,"wait":2,"header":3,"took":4,"upstream":"p","module":"m","private":true,"version":"v1","file":"zip","reason":"go",` +
		`"attempt":1,"status":503,"class":"server-error","bytes":5,"dropped":true}`
)

func TestFirstLine(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	want := Invocation{
		Time: at, Duration: 1500 * time.Millisecond, Exit: 1, Version: "v0.1.0", Command: []string{"build", "./..."}, Dir: "/src/app", Dropped: 2,
		Events: []Event{{
			Time: at.Add(time.Second), Outcome: Unhealed, Class: "reset", Module: "example.com/m", Version: "v1.0.0", Upstream: "proxy.example",
			File: "zip", Action: "retry", Attempts: 5, Wait: 700 * time.Millisecond, Text: "connection reset by peer",
		}},
	}
	// A newer gosteady's keys are passed over, and its line is read.
	later := strings.Replace(firstLine, `"exit":1`, `"exit":1,"later":{"a":[1]}`, 1)
	var got []Invocation
	Read(strings.NewReader(firstLine+"\n"+later+"\n{\"time\":\n"), func(inv Invocation) bool {
		got = append(got, inv)
		return true
	})
	if len(got) != 2 || !reflect.DeepEqual(got[0], want) || !reflect.DeepEqual(got[1], want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestKeysStay: each key that was ever written is written still, and means a field.
func TestKeysStay(t *testing.T) {
	for _, tt := range []struct {
		line string
		of   any
	}{{newestLine, new(Invocation)}, {requestLine, new(Request)}} {
		if err := json.Unmarshal([]byte(tt.line), tt.of); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(tt.of); string(got) != tt.line || err != nil {
			t.Errorf("got  %s\nwant %s\n(%v)", got, tt.line, err)
		}
		full(t, reflect.ValueOf(tt.of).Elem())
	}
}

// full reports fields that the line above says nothing of: a new key belongs there.
func full(t *testing.T, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		field := v.Field(i)
		if field.IsZero() && v.Type().Field(i).Name != "Exit" {
			t.Errorf("%s.%s: no key in this test", v.Type(), v.Type().Field(i).Name)
		}
		switch {
		case field.Kind() == reflect.Pointer && !field.IsNil():
			full(t, field.Elem())
		case field.Kind() == reflect.Slice && field.Type() == reflect.TypeFor[[]Event]() && field.Len() > 0:
			full(t, field.Index(0))
		}
	}
}
