package classify

import "testing"

// With -json, build and test make events of what go says; tests print into others.
func TestLiveReadsBuildEvents(t *testing.T) {
	const event = `{"ImportPath":"example.com/x","Action":"build-output","Output":`
	for text, want := range map[string]Class{
		event + `"main.go:3:8: reading example.com/x/go.mod at revision v1.1.0: git ls-remote -q origin in /c/cache/vcs/22: exit status 128:\n"}` + "\n" +
			event + `"\terror: RPC failed; curl 18 transfer closed with 135 bytes remaining to read\n"}` + "\n": VCSNetwork,
		event + `"main.go:6:2: unzip /c/cache/download/example.com/x/@v/v1.0.0.zip: zip: not a valid zip file\n"}` + "\n":                                                                             CacheCorrupt,
		`{"Time":"2026-01-01T00:00:00Z","Action":"output","Package":"example.com/x","Output":"main.go:6:2: unzip /c/cache/download/example.com/x/@v/v1.0.0.zip: zip: not a valid zip file\n"}` + "\n": "",
	} {
		var got Class
		if list := Live(text); len(list) > 0 {
			got = list[0].Class
		}
		if got != want {
			t.Errorf("%q, want %q: %s", got, want, text)
		}
	}
}

// Without a proxy, go 1.26 names the file that it wanted and the tag.
func TestModuleAtRevision(t *testing.T) {
	for text, want := range map[string]Failure{
		"main.go:3:8: reading example.com/x/go.mod at revision v1.1.0: git ls-remote -q origin in /c/cache/vcs/22: exit status 128:\n\tfatal: early EOF\n": {Module: "example.com/x", Version: "v1.1.0"},
		"go: reading example.com/x/sub/go.mod at revision sub/v1.1.0: git fetch -f origin in /c/cache/vcs/22: exit status 128:\n\tfatal: early EOF\n":      {Module: "example.com/x/sub", Version: "v1.1.0"},
	} {
		list := Live(text)
		if len(list) != 1 || list[0].Module != want.Module || list[0].Version != want.Version || list[0].Class != VCSNetwork {
			t.Errorf("%+v: %s", list, text)
		}
	}
}
