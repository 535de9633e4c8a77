package steady

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/modtest"
)

// A site serves files by their path; a value that is a status is one.
type site map[string]string

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := s[r.URL.Path]
	switch {
	case !ok:
		w.Header().Set("Cache-Control", "public, max-age=60")
		http.Error(w, "not found: unknown revision", http.StatusNotFound)
	case content == "500":
		http.Error(w, "upstream trouble", http.StatusInternalServerError)
	default:
		_, _ = w.Write([]byte(content))
	}
}

// moduleSite has corp.example/m at v1.0.0 and v1.1.0, which retracts v1.0.0.
func moduleSite() site {
	const at = "/corp.example/m/@v/"
	return site{
		at + "list":        "v1.1.0\nv1.0.0\nv1.2.0-pre\n",
		at + "v1.0.0.info": `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z","Origin":{"Hash":"aaaaaaaaaaaaaaaa"}}`,
		at + "v1.0.0.mod":  "module corp.example/m\n",
		at + "v1.0.0.zip":  "zip",
		at + "v1.1.0.info": `{"Version":"v1.1.0","Time":"2026-02-01T00:00:00Z"}`,
		at + "v1.1.0.mod":  "// Deprecated: use corp.example/n.\nmodule corp.example/m\n\nretract v1.0.0 // broken\n",
		at + "v1.1.0.zip":  "zip",
		at + "main.info":   `{"Version":"v1.1.0","Time":"2026-02-01T00:00:00Z"}`,
	}
}

// modHash is the hash of the go.mod of v1.0.0 in moduleSite.
func modHash(content string) string {
	var e probeEntry
	e.setGoMod(content)
	return e.GoMod
}

// sumdbSite is moduleSite that also carries the checksum database.
func sumdbSite(mod string) site {
	s := moduleSite()
	s["/sumdb/sum.golang.org/supported"] = ""
	s["/sumdb/sum.golang.org/lookup/corp.example/m@v1.0.0"] = "1\ncorp.example/m v1.0.0 h1:zip=\ncorp.example/m v1.0.0/go.mod " + mod + "\n"
	return s
}

// serve starts sites and returns their addresses.
func serve(t *testing.T, sites ...site) []string {
	t.Helper()
	var urls []string
	for _, s := range sites {
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
	}
	return urls
}

// runProbe returns the exit status and the output, with addresses A, B, … and
// times taken out.
func runProbe(t *testing.T, p probe, urls []string, env []string, arg string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	dir := t.TempDir()
	p.app = &App{Stdout: &out, Stderr: &out, Place: here.Place{Dir: dir, Env: append([]string{"GOENV=off", "HOME=" + dir}, env...)}}
	p.timeout = 10 * time.Second
	code := 0
	if err := p.run(arg); err != nil {
		exit, ok := err.(ExitError)
		if !ok {
			return -1, err.Error()
		}
		code = exit.Code
	}
	text := out.String()
	for i, u := range urls {
		text = strings.ReplaceAll(text, u, string(rune('A'+i)))
	}
	return code, regexp.MustCompile(` +[0-9.]+m?s  `).ReplaceAllString(text, "  T  ")
}

func TestProbeFound(t *testing.T) {
	hash := modHash("module corp.example/m\n")
	urls := serve(t, sumdbSite(hash))
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
	if code, got := runProbe(t, probe{}, urls, env, "corp.example/m@v1.0.0"); code != 0 || got != want {
		t.Errorf("exit %d, got\n%s\nwant\n%s", code, got, want)
	}
}

func TestProbeVersions(t *testing.T) {
	urls := serve(t, moduleSite())
	env := []string{"GOPROXY=" + urls[0], "GOSUMDB=off"}
	for arg, want := range map[string]string{
		"corp.example/m":        "corp.example/m@v1.1.0\n",
		"corp.example/m@latest": "corp.example/m@v1.1.0\n",
		"corp.example/m@main":   "corp.example/m@v1.1.0\n",
	} {
		if code, got := runProbe(t, probe{}, urls, env, arg); code != 0 || !strings.HasPrefix(got, want) {
			t.Errorf("%s: exit %d\n%s", arg, code, got)
		}
	}
	if code, got := runProbe(t, probe{}, urls, env, "corp.example/m@v1.9.0"); code != 1 ||
		!strings.Contains(got, "  warn  info    404  T  not found: unknown revision  (not-found)  [public, max-age=60]\n") ||
		!strings.Contains(got, "without v1.9.0") || !strings.Contains(got, "→ nobody has it: check the path and the version; if it is private: go env -w GOPRIVATE=corp.example/m\n") {
		t.Errorf("unknown version: exit %d\n%s", code, got)
	}
	if code, got := runProbe(t, probe{}, urls, env, "corp.example/m@nobranch"); code != 1 || strings.Contains(got, "zip") {
		t.Errorf("unknown branch: exit %d\n%s", code, got)
	}
}

// TestProbeDisagreement: a mirror that is behind, one that serves another
// go.mod, one that is down.
func TestProbeDisagreement(t *testing.T) {
	behind := site{"/corp.example/m/@v/list": "v0.9.0\n"}
	moved := moduleSite()
	moved["/corp.example/m/@v/v1.0.0.mod"] = "module corp.example/m\n\ngo 1.99\n"
	moved["/corp.example/m/@v/v1.0.0.info"] = `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z","Origin":{"Hash":"bbbbbbbbbbbbbbbb"}}`
	down := site{"/corp.example/m/@v/list": "500", "/corp.example/m/@v/v1.0.0.info": "500", "/corp.example/m/@v/v1.0.0.mod": "500", "/corp.example/m/@v/v1.0.0.zip": "500"}
	urls := serve(t, behind, down, sumdbSite(modHash("module corp.example/m\n")), moved)
	env := []string{"GOPROXY=" + urls[0] + "," + urls[1] + "|" + urls[2] + "," + urls[3], "GOSUMDB=sum.golang.org"}
	code, got := runProbe(t, probe{all: true}, urls, env, "corp.example/m@v1.0.0")
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
	if code != 0 || t.Failed() {
		t.Errorf("exit %d\n%s", code, got)
	}
	env[0] = strings.ReplaceAll(env[0], "|", ",")
	if code, got = runProbe(t, probe{all: true}, urls, env, "corp.example/m@v1.0.0"); code != 1 {
		t.Errorf("go would stop at B: exit %d\n%s", code, got)
	}
}

// TestProbeDiscretion: nobody is asked whom go would not ask.
func TestProbeDiscretion(t *testing.T) {
	asked := 0
	count := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.NotFound(w, r)
	}))
	defer count.Close()
	urls := serve(t, moduleSite())
	for _, tt := range []struct {
		name string
		p    probe
		env  []string
		want int
	}{
		{"an earlier entry has it", probe{}, []string{"GOPROXY=" + urls[0] + "," + count.URL, "GOSUMDB=off"}, 0},
		{"an earlier entry has it, --all", probe{all: true}, []string{"GOPROXY=" + urls[0] + "," + count.URL, "GOSUMDB=off"}, 4},
		{"private", probe{all: true}, []string{"GOPROXY=" + count.URL, "GOPRIVATE=corp.example", "GOSUMDB=sum.golang.org " + count.URL}, 0},
		{"no checksum database", probe{}, []string{"GOPROXY=" + urls[0], "GONOSUMDB=corp.example", "GOSUMDB=sum.golang.org " + count.URL}, 0},
		{"checksum database at an address", probe{}, []string{"GOPROXY=" + urls[0], "GOSUMDB=sum.golang.org " + count.URL}, 1},
	} {
		asked = 0
		_, got := runProbe(t, tt.p, urls, append(tt.env, "GOSTEADY_GO=/nonexistent", "PATH="), "corp.example/m@v1.0.0")
		if asked != tt.want {
			t.Errorf("%s: asked %d times, want %d\n%s", tt.name, asked, tt.want, got)
		}
	}
}

func TestProbeUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	env := []string{"GOPROXY=" + server.URL + ",off", "GOSUMDB=off"}
	code, got := runProbe(t, probe{}, []string{server.URL}, env, "corp.example/m@v1.0.0")
	if code != 1 || !strings.Contains(got, "connection refused  (connect)\n") || strings.Contains(got, "info") || !strings.Contains(got, "\noff\n  note  not asked: the list ends here\n") {
		t.Errorf("exit %d\n%s", code, got)
	}
}

func TestProbeFileProxy(t *testing.T) {
	files := make(map[string]string)
	for name, content := range moduleSite() {
		files[strings.TrimPrefix(name, "/")] = content
	}
	dir := filepath.ToSlash(modtest.Files(t, files))
	env := []string{"GOPROXY=file://" + dir, "GOSUMDB=off"}
	code, got := runProbe(t, probe{}, []string{"file://" + dir}, env, "corp.example/m@v1.0.0")
	if code != 0 || !strings.Contains(got, "  ok    zip     200  3 B\n") {
		t.Errorf("exit %d\n%s", code, got)
	}
	if code, got = runProbe(t, probe{}, nil, env, "corp.example/m@v1.9.0"); code != 1 {
		t.Errorf("unknown version: exit %d\n%s", code, got)
	}
}

// TestProbeDirect asks a repository that cannot be there.
func TestProbeDirect(t *testing.T) {
	real := modtest.RealGo(t)
	env := append(modtest.Env(t), "GOPROXY=direct", "GOSUMDB=off", "GOVCS=*:off", "GOSTEADY_GO="+real)
	code, got := runProbe(t, probe{}, nil, env, "localhost.invalid/m.git@v1.0.0")
	if code != 1 || !strings.Contains(got, "\ndirect\n  fail  repository") {
		t.Errorf("exit %d\n%s", code, got)
	}
}

func TestProbeJSON(t *testing.T) {
	urls := serve(t, moduleSite())
	code, got := runProbe(t, probe{json: true}, nil, []string{"GOPROXY=" + urls[0], "GOSUMDB=off"}, "corp.example/m")
	var r probeReport
	if err := json.Unmarshal([]byte(got), &r); err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s", code, err, got)
	}
	if !r.Found || r.Version != "v1.1.0" || r.Deprecated == "" || len(r.Sources) != 2 || r.Sources[0].Versions != 3 {
		t.Errorf("%+v", r)
	}
}

func TestProbeErrors(t *testing.T) {
	for arg, want := range map[string]string{
		"not a path":     "malformed module path",
		"corp.example/m": "GOPROXY: GOPROXY list is not the empty string",
	} {
		if code, got := runProbe(t, probe{}, nil, []string{"GOPROXY=,"}, arg); code != -1 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", arg, code, got)
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
