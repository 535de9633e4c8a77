package journal

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

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
