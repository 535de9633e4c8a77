package journal

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHide(t *testing.T) {
	r := NewRecorder(nil, "", time.Now)
	for _, address := range []string{
		"https://user:pass@dl.example:8443/k3yForTheProxy/org/repo%20one/go/", "https://proxy.example/go", "https://plain.example/",
		"https://one.example/AbCdEfGh12",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		r.Hide(u)
	}
	for _, tt := range []struct{ in, want string }{
		{"reading https://user:xxxxx@dl.example:8443/k3yForTheProxy/org/repo%20one/go/golang.org/x/mod/@v/list: 404 Not Found",
			"reading https://xxxxx@dl.example:8443/…/golang.org/x/mod/@v/list: 404 Not Found"},
		{`Get "https://dl.example:8443/k3yForTheProxy/org/repo%20one/go": EOF`, `Get "https://dl.example:8443/…": EOF`},
		{"404: /k3yForTheProxy/org/repo one/go/x is not here", "404: /…/x is not here"},
		{`Get "https://cdn.example/k3yForTheProxy/x.zip": EOF`, `Get "https://cdn.example/…/x.zip": EOF`},
		{"unknown token 'k3yForTheProxy'", "unknown token '…'"},
		{"k3yForTheProxy2 and my-k3yForTheProxy", "k3yForTheProxy2 and my-k3yForTheProxy"},
		{"https://proxy.example/go/github.com/go/x/@v/list", "https://proxy.example/…/github.com/go/x/@v/list"},
		{"https://proxy.example/golang.org/x", "https://proxy.example/golang.org/x"},
		{"open /go/pkg/mod: permission denied", "open /go/pkg/mod: permission denied"},
		{"https://plain.example/golang.org/x", "https://plain.example/golang.org/x"},
		{"https://one.example/AbCdEfGh12", "https://one.example/…"},
		{"AbCdEfGh12", "…"},
		{"", ""},
	} {
		if got := r.conceal(Redact(tt.in)); got != tt.want {
			t.Errorf("%s\n = %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// What is cut off must not have been hidden only in its full length.
func TestHideBeforeClipping(t *testing.T) {
	r := NewRecorder(nil, "", time.Now)
	u, _ := url.Parse("https://h.example/k3yForTheProxy")
	r.Hide(u)
	r.Add(Event{Text: strings.Repeat("x", maxText-8) + " k3yForTheProxy"})
	if text := r.Events()[0].Text; strings.Contains(text, "k3y") {
		t.Errorf("kept %q", text)
	}
	var none *Recorder
	none.Hide(u)
	none.SetPrivate(nil)
}

// Whatever was recorded before it is known what is private is marked all the same.
func TestPrivateIsMarked(t *testing.T) {
	r := NewRecorder(nil, "", time.Now)
	r.Add(Event{Outcome: Unhealed, Module: "corp.example/a"})
	r.Add(Event{Outcome: Unhealed})
	r.AddRequest(time.Now(), Request{Module: "corp.example/a"})
	if r.Events()[0].Private || r.Requests()[0].Private {
		t.Error("private to nobody's knowledge")
	}
	r.SetPrivate(func(path string) bool { return strings.HasPrefix(path, "corp.example/") || path == "" })
	events := r.Invocation(1).Events
	if !events[0].Private || events[1].Private || !r.Requests()[0].Private {
		t.Errorf("%+v, %+v", events, r.Requests())
	}
}
