package goauth

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestParseNetrc(t *testing.T) {
	const data = `# what curl and go share
machine one.example login user password secret
machine two.example
	login other
	password pw2
macdef init
machine hidden.example login x password y

machine one.example login second password ignored-by-order
machine three.example login only
default
machine never.example login x password y
`
	var got []string
	for _, l := range parseNetrc(data) {
		got = append(got, l.machine+" "+l.user+" "+l.password)
	}
	want := "one.example user secret\ntwo.example other pw2\none.example second ignored-by-order"
	if strings.Join(got, "\n") != want {
		t.Errorf("%q", got)
	}
}

// FuzzParseNetrc: no input makes a login without all three parts.
func FuzzParseNetrc(f *testing.F) {
	f.Add("machine m login l password p\nmacdef x\n\ndefault")
	f.Fuzz(func(t *testing.T, data string) {
		for _, l := range parseNetrc(data) {
			if l.machine == "" || l.user == "" || l.password == "" {
				t.Errorf("%q: %+v", data, l)
			}
		}
	})
}

func TestParseCommand(t *testing.T) {
	good := "https://a.example/x\nhttps://b.example\n\nAuthorization: Basic abc\nX-Token:  t \n\nhttps://c.example\n\nX-Other: o\n\n"
	found, err := parseCommand(good)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 3 || found["a.example/x"].Get("X-Token") != "t" || found["c.example"].Get("X-Other") != "o" {
		t.Errorf("%v", found)
	}
	for _, bad := range []string{
		"https://a.example", "https://a.example\n\nX: y\n", "not a url\n\n\n",
		"https://a.example\n\nno colon\n\n", "https://a.example\n\nBad Name: x\n\n", "https://a.example\n\nX: a\x01b\n\n",
	} {
		if _, err := parseCommand(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestParseGit(t *testing.T) {
	for data, want := range map[string]string{
		"protocol=https\nhost=a.example\npath=x\nusername=u\npassword=p\n":    "https://a.example/x u p",
		"url=https://b.example/y\nusername=u\npassword=p=q\n":                 "https://b.example/y u p=q",
		"url=:bad\nprotocol=https\nhost=a.example\nusername=u\npassword=p\nx": "https://a.example u p",
	} {
		prefix, user, password := parseGit(data)
		if got := prefix + " " + user + " " + password; got != want {
			t.Errorf("%q: %s", data, got)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for setting, ok := range map[string]bool{
		"": true, "off": true, "netrc": true, "git " + dir: true, "netrc; my-helper --flag": true,
		"netrc;": false, "off; netrc": false, "git": false, "git relative": false, "git " + filepath.Join(dir, "gone"): false,
	} {
		if err := Check(setting); (err == nil) != ok {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

func request(t *testing.T, url string) *http.Request {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestNetrcSource(t *testing.T) {
	file := filepath.Join(t.TempDir(), "netrc")
	os.WriteFile(file, []byte("machine a.example login u password p\nmachine a.example login v password q\n"), 0o600)
	s := &Source{Setting: "netrc", Environ: []string{"NETRC=" + file}}
	for url, want := range map[string]string{
		"https://a.example/m/@v/list": "u", "http://a.example/m/@v/list": "", "https://b.example/": "", "https://a.example:8443/": "",
	} {
		req := request(t, url)
		s.Add(t.Context(), req)
		if user, _, _ := req.BasicAuth(); user != want {
			t.Errorf("%s: %q", url, user)
		}
	}
	if s.Again(t.Context(), "https://a.example/m", nil) {
		t.Error("the file says the same again")
	}
	if off := (&Source{Setting: "off"}); off.Again(t.Context(), "https://a.example", nil) {
		t.Error("off")
	}
}

// TestCommandSource: a command is asked once without a URL, and again with the
// URL and the answer after a 4xx; the first of several has the last word.
func TestCommandSource(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "helper")
	os.WriteFile(script, []byte(`#!/bin/sh
if [ -z "$2" ]; then echo "https://$1"; echo; echo "X-Token: first"; echo; exit; fi
read -r line
printf '%s\n\nX-Token: %s\n\n' "$2" "$line"
`), 0o755)
	s := &Source{Setting: script + " a.example; netrc; '" + script + "' b.example", Environ: os.Environ(), Dir: dir}
	req := request(t, "https://a.example/m")
	s.Add(t.Context(), req)
	if got := req.Header.Get("X-Token"); got != "first" {
		t.Fatalf("%q", got)
	}
	res := &http.Response{Proto: "HTTP/1.1", Status: "401 Unauthorized", Header: http.Header{}}
	if !s.Again(t.Context(), "https://a.example/m", res) {
		t.Fatal("nothing new")
	}
	req = request(t, "https://a.example/m")
	s.Add(t.Context(), req)
	if got := req.Header.Get("X-Token"); got != "HTTP/1.1 401 Unauthorized" {
		t.Errorf("%q", got)
	}
}

// TestGitSource asks a real git with a credential store.
func TestGitSource(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	home := t.TempDir()
	store := filepath.Join(home, "credentials")
	env := append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0")
	asked := make(chan string, 1)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		asked <- r.Method + " " + user + ":" + password
	}))
	defer srv.Close()
	os.WriteFile(store, []byte(strings.Replace(srv.URL, "https://", "https://u:p@", 1)+"\n"), 0o600)
	cmd := exec.Command(git, "config", "--global", "credential.helper", "store --file "+filepath.ToSlash(store))
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("git config: %s", out)
	}
	s := &Source{Setting: "git " + home, Environ: env, Client: srv.Client()}
	req := request(t, srv.URL+"/m")
	s.Add(t.Context(), req)
	if len(req.Header) != 0 {
		t.Error("git was asked without a URL")
	}
	if !s.Again(context.Background(), srv.URL+"/m", nil) {
		t.Fatal("nothing new")
	}
	s.Add(t.Context(), req)
	if user, password, _ := req.BasicAuth(); user != "u" || password != "p" {
		t.Errorf("%q %q", user, password)
	}
	if got := <-asked; got != "HEAD u:p" {
		t.Errorf("confirmed with %q", got)
	}
}

// TestNobodyIsPrompted: as under plain go, git asks only if the user wants it to.
func TestNobodyIsPrompted(t *testing.T) {
	for _, test := range []struct{ environ, want []string }{
		{nil, []string{"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never"}},
		{[]string{"GIT_TERMINAL_PROMPT=1"}, []string{"GIT_TERMINAL_PROMPT=1", "GCM_INTERACTIVE=never"}},
		{[]string{"GCM_INTERACTIVE=auto", "GIT_TERMINAL_PROMPT="}, []string{"GCM_INTERACTIVE=auto", "GIT_TERMINAL_PROMPT=", "GIT_TERMINAL_PROMPT=0"}},
	} {
		s := &Source{Environ: test.environ}
		if got := s.command(t.Context(), "git").Env; !slices.Equal(got, test.want) {
			t.Errorf("%q: %q", test.environ, got)
		}
	}
}

func TestLookup(t *testing.T) {
	s := &Source{}
	s.store("https://a.example/deep/", http.Header{"X": {"deep"}})
	s.store("a.example", http.Header{"X": {"host"}})
	for url, want := range map[string]string{
		"https://a.example/deep/m": "deep", "https://a.example/deeper": "host", "https://b.example/a.example": "",
	} {
		if got := s.lookup(url).Get("X"); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
	s.store("a.example/deep", nil)
	if got := s.lookup("https://a.example/deep/m"); !maps.EqualFunc(got, http.Header{"X": {"host"}}, func(a, b []string) bool { return a[0] == b[0] }) {
		t.Error("not forgotten:", got)
	}
}
