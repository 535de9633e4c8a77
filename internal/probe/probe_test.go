package probe

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/steadytest"
	"github.com/gosteady/gosteady/internal/tui"
)

// serve starts sites and returns their addresses.
func serve(t *testing.T, sites ...steadytest.Site) []string {
	t.Helper()
	var urls []string
	for _, s := range sites {
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
	}
	return urls
}

// place is an empty home, with these variables.
func place(t *testing.T, env ...string) here.Place {
	dir := t.TempDir()
	return here.Place{Dir: dir, Env: append([]string{"GOENV=off", "HOME=" + dir}, env...)}
}

// asked returns whether the module was found and the text, with addresses A, B, …
// and times taken out.
func asked(t *testing.T, q Question, urls []string, env []string, arg string) (found bool, text string) {
	t.Helper()
	q.Place = place(t, env...)
	q.Timeout = 10 * time.Second
	r, err := q.Ask(t.Context(), arg)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.Text(&out, tui.Style{})
	text = out.String()
	for i, u := range urls {
		text = strings.ReplaceAll(text, u, string(rune('A'+i)))
	}
	return r.Found, regexp.MustCompile(` +[0-9.]+m?s  `).ReplaceAllString(text, "  T  ")
}

func TestFound(t *testing.T) {
	hash := modhash.GoMod([]byte("module corp.example/m\n"))
	urls := serve(t, steadytest.SumDBSite(hash))
	want := `corp.example/m@v1.0.0

A
  ok    list    200  T  3 versions, the newest v1.1.0
  ok    info    200  T  v1.0.0 of 2026-01-01T00:00:00Z
  ok    mod     200  T  ` + hash + `
  ok    zip     200  T  3 B

sum.golang.org by A
  ok    lookup  200  T  ` + hash + `

direct
  note  not asked: --direct asks the repository

→ v1.0.0 is retracted (broken): go get corp.example/m@latest
→ the module is deprecated: use corp.example/n.
`
	env := []string{"GOPROXY=" + urls[0] + ",direct", "GOSUMDB=sum.golang.org"}
	if found, got := asked(t, Question{}, urls, env, "corp.example/m@v1.0.0"); !found || got != want {
		t.Errorf("found: %v, got\n%s\nwant\n%s", found, got, want)
	}
}

func TestVersions(t *testing.T) {
	urls := serve(t, steadytest.ModuleSite())
	env := []string{"GOPROXY=" + urls[0], "GOSUMDB=off"}
	for arg, want := range map[string]string{
		"corp.example/m":        "corp.example/m@v1.1.0\n",
		"corp.example/m@latest": "corp.example/m@v1.1.0\n",
		"corp.example/m@main":   "corp.example/m@v1.1.0\n",
	} {
		if found, got := asked(t, Question{}, urls, env, arg); !found || !strings.HasPrefix(got, want) {
			t.Errorf("%s: found: %v\n%s", arg, found, got)
		}
	}
	if found, got := asked(t, Question{}, urls, env, "corp.example/m@v1.9.0"); found ||
		!strings.Contains(got, "  warn  info    404  T  not found: unknown revision  (not-found)  [public, max-age=60]\n") ||
		!strings.Contains(got, "without v1.9.0") || !strings.Contains(got, "→ no proxy has it: check the path and the version; if it is private: go env -w GOPRIVATE=corp.example/m\n") {
		t.Errorf("unknown version: found: %v\n%s", found, got)
	}
	if found, got := asked(t, Question{}, urls, env, "corp.example/m@nobranch"); found || strings.Contains(got, "zip") {
		t.Errorf("unknown branch: found: %v\n%s", found, got)
	}
}

// TestDisagreement: a mirror that is behind, one that serves another
// go.mod, one that is down.
func TestDisagreement(t *testing.T) {
	behind := steadytest.Site{"/corp.example/m/@v/list": "v0.9.0\n"}
	moved := steadytest.ModuleSite()
	moved["/corp.example/m/@v/v1.0.0.mod"] = "module corp.example/m\n\ngo 1.99\n"
	moved["/corp.example/m/@v/v1.0.0.info"] = `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z","Origin":{"Hash":"bbbbbbbbbbbbbbbb"}}`
	down := steadytest.Site{"/corp.example/m/@v/list": "500", "/corp.example/m/@v/v1.0.0.info": "500", "/corp.example/m/@v/v1.0.0.mod": "500", "/corp.example/m/@v/v1.0.0.zip": "500"}
	urls := serve(t, behind, down, steadytest.SumDBSite(modhash.GoMod([]byte("module corp.example/m\n"))), moved)
	env := []string{"GOPROXY=" + urls[0] + "," + urls[1] + "|" + urls[2] + "," + urls[3], "GOSUMDB=sum.golang.org"}
	found, got := asked(t, Question{All: true}, urls, env, "corp.example/m@v1.0.0")
	for _, want := range []string{
		"→ A is behind or blocks it: it has no v1.0.0; wait (the answer is cached for 60s), or GOPROXY=C go get corp.example/m@v1.0.0\n",
		"→ C and D have different commits for v1.0.0 (aaaaaaaaaaaa and bbbbbbbbbbbb): the tag was moved; use a new version\n",
		"→ D serves another go.mod than the checksum database knows: do not use it for this version\n",
		"  fail  info    500  T  upstream trouble  (server-error)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if !found || t.Failed() {
		t.Errorf("found: %v\n%s", found, got)
	}
	env[0] = strings.ReplaceAll(env[0], "|", ",")
	if found, got = asked(t, Question{All: true}, urls, env, "corp.example/m@v1.0.0"); found {
		t.Errorf("go would stop at B: found: %v\n%s", found, got)
	}
}

// TestDiscretion: nobody is asked whom go would not ask.
func TestDiscretion(t *testing.T) {
	n := 0
	count := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		http.NotFound(w, r)
	}))
	defer count.Close()
	urls := serve(t, steadytest.ModuleSite())
	for _, tt := range []struct {
		name string
		q    Question
		env  []string
		want int
	}{
		{"an earlier entry has it", Question{}, []string{"GOPROXY=" + urls[0] + "," + count.URL, "GOSUMDB=off"}, 0},
		{"an earlier entry has it, --all", Question{All: true}, []string{"GOPROXY=" + urls[0] + "," + count.URL, "GOSUMDB=off"}, 4},
		{"private", Question{All: true}, []string{"GOPROXY=" + count.URL, "GOPRIVATE=corp.example", "GOSUMDB=sum.golang.org " + count.URL}, 0},
		{"no checksum database", Question{}, []string{"GOPROXY=" + urls[0], "GONOSUMDB=corp.example", "GOSUMDB=sum.golang.org " + count.URL}, 0},
		{"checksum database at an address", Question{}, []string{"GOPROXY=" + urls[0], "GOSUMDB=sum.golang.org " + count.URL}, 1},
	} {
		n = 0
		_, got := asked(t, tt.q, urls, append(tt.env, "GOSTEADY_GO=/nonexistent", "PATH="), "corp.example/m@v1.0.0")
		if n != tt.want {
			t.Errorf("%s: asked %d times, want %d\n%s", tt.name, n, tt.want, got)
		}
	}
}

// refused also has the words of Windows.
var refused = regexp.MustCompile(`(connection refused|actively refused it\.|Connection refused\.)  \(connect\)\n`)

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	env := []string{"GOPROXY=" + server.URL + ",off", "GOSUMDB=off"}
	found, got := asked(t, Question{}, []string{server.URL}, env, "corp.example/m@v1.0.0")
	if found || !refused.MatchString(got) || strings.Contains(got, "info") || !strings.Contains(got, "\noff\n  note  not asked: the list ends here\n") {
		t.Errorf("found: %v\n%s", found, got)
	}
}

func TestFileProxy(t *testing.T) {
	files := make(map[string]string)
	for name, content := range steadytest.ModuleSite() {
		files[strings.TrimPrefix(name, "/")] = content
	}
	dir := filepath.ToSlash(modtest.Files(t, files))
	if dir[0] != '/' { // C:/x is written file:///C:/x
		dir = "/" + dir
	}
	env := []string{"GOPROXY=file://" + dir, "GOSUMDB=off"}
	found, got := asked(t, Question{}, []string{"file://" + dir}, env, "corp.example/m@v1.0.0")
	if !found || !strings.Contains(got, "  ok    zip     200  3 B\n") {
		t.Errorf("found: %v\n%s", found, got)
	}
	if found, got = asked(t, Question{}, nil, env, "corp.example/m@v1.9.0"); found {
		t.Errorf("unknown version: found: %v\n%s", found, got)
	}
}

// TestDirect asks a repository that cannot be there.
func TestDirect(t *testing.T) {
	real := modtest.RealGo(t)
	env := append(modtest.Env(t), "GOPROXY=direct", "GOSUMDB=off", "GOVCS=*:off", "GOSTEADY_GO="+real)
	found, got := asked(t, Question{}, nil, env, "localhost.invalid/m.git@v1.0.0")
	if found || !strings.Contains(got, "\ndirect\n  fail  repository") {
		t.Errorf("found: %v\n%s", found, got)
	}
}

// A program gets the same as a person, and all of it.
func TestJSON(t *testing.T) {
	urls := serve(t, steadytest.ModuleSite())
	r, err := Question{Place: place(t, "GOPROXY="+urls[0], "GOSUMDB=off"), Timeout: time.Minute}.Ask(t.Context(), "corp.example/m")
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	var read Report
	if err := errors.Join(err, json.Unmarshal(data, &read)); err != nil {
		t.Fatal(err)
	}
	if !read.Found || read.Version != "v1.1.0" || read.Deprecated == "" || len(read.Sources) != 2 || read.Sources[0].Versions != 3 {
		t.Errorf("%s", data)
	}
}

func TestErrors(t *testing.T) {
	for arg, want := range map[string]string{
		"not a path":     "malformed module path",
		"corp.example/m": "GOPROXY: GOPROXY list is not the empty string",
	} {
		if r, err := (Question{Place: place(t, "GOPROXY=,")}).Ask(t.Context(), arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %+v", arg, err, r)
		}
	}
}

func TestHighest(t *testing.T) {
	for list, want := range map[string]string{
		"": "", "v1.0.0 v1.10.0 v1.9.0": "v1.10.0", "v1.0.0 v2.0.0-rc.1": "v1.0.0", "v0.1.0-a v0.1.0-b": "v0.1.0-b", "junk v1.0.0": "v1.0.0",
	} {
		if got := highest(strings.Fields(list)); got != want {
			t.Errorf("%s: %s, want %s", list, got, want)
		}
	}
}
