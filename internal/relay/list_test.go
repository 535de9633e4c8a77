package relay

import (
	"fmt"
	"maps"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modtest"
)

// The table of GOPROXY lists: the real go command with every list of up to
// three entries that work or fail, once plain and once through a relay.
//
// The full table takes a while: it runs with GOSTEADY_TEST_LISTS=all. By
// default a few lists are drawn, always the same ones.

// behaviours are the entries, as the first path element of their URL.
var behaviours = []string{"ok", "404", "410", "401", "403", "500", "refused", "corrupt"}

// ends are what may stand behind one or two of them.
var ends = []string{"direct", "off", "file"}

// A yard is the servers that all lists share.
type yard struct {
	server  *faultproxy.Proxy
	refused string // nobody listens on port 1
	dir     string // what file:// names: a proxy that has nothing
	gosum   string
}

// newYard serves each behaviour below a path of its own, so that the log says
// which entry was asked for what.
func newYard(t *testing.T) *yard {
	store := helloStore(t)
	other := faultproxy.NewStore()
	for _, v := range []string{"v1.0.0", "v1.1.0"} {
		if err := other.Add(hello, v, map[string]string{"hello.go": "package hello // another " + v + "\n"}); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/ok/", http.StripPrefix("/ok", store))
	mux.HandleFunc("/corrupt/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".zip") {
			http.StripPrefix("/corrupt", other).ServeHTTP(w, r)
			return
		}
		http.StripPrefix("/corrupt", store).ServeHTTP(w, r)
	})
	for _, status := range []int{404, 410, 401, 403, 500} {
		mux.HandleFunc(fmt.Sprintf("/%d/", status), func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, fmt.Sprintf("%d for %s", status, r.URL.Path), status)
		})
	}
	lines, err := store.Sum(hello, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	return &yard{fault(t, mux, ""), "http://127.0.0.1:1", t.TempDir(), lines}
}

// list makes a GOPROXY of "ok|404,direct".
func (y *yard) list(spec string) string {
	return regexp.MustCompile(`[a-z0-9]+`).ReplaceAllStringFunc(spec, func(word string) string {
		switch word {
		case "direct", "off":
			return word
		case "file":
			return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(y.dir), "/")}).String()
		case "refused":
			return y.refused
		}
		return y.server.URL() + "/" + word
	})
}

// specs are all lists of up to three entries.
func specs() []string {
	var out []string
	level := slices.Clone(behaviours)
	out = append(out, level...)
	for depth := 2; depth <= 3; depth++ {
		var next []string
		for _, head := range level {
			for _, sep := range []string{",", "|"} {
				for _, b := range behaviours {
					next = append(next, head+sep+b)
				}
				for _, e := range ends {
					out = append(out, head+sep+e)
				}
			}
		}
		out = append(out, next...)
		level = next
	}
	return out
}

var listCommands = [][]string{
	{"mod", "download", "example.com/hello"},
	{"get", "example.com/hello@v1.0.0"},
	{"get", "example.com/hello@latest"},
}

// An outcome is what one run left.
type outcome struct {
	code   int
	stderr string
	asked  []string // what was asked, each once
	result string   // go.mod and go.sum
}

func (y *yard) run(t *testing.T, command []string, relayed bool, spec string) outcome {
	root := t.TempDir()
	env := append(modtest.Environ(root, modtest.GOCACHE()),
		"GOPROXY="+y.list(spec), "GOSUMDB=off", "NO_PROXY=",
		// direct fails at once, and the same way every time
		"HTTPS_PROXY=http://"+strings.TrimPrefix(y.refused, "http://"),
	)
	dir := filepath.Join(root, "main")
	mod := "module example.com/main\n\ngo 1.21\n"
	sum := ""
	if command[0] == "mod" {
		mod += "\nrequire example.com/hello v1.0.0\n"
		sum = y.gosum
	}
	writeFile(t, filepath.Join(dir, "go.mod"), mod)
	writeFile(t, filepath.Join(dir, "go.sum"), sum)
	var rewrite func([]byte) []byte
	if relayed {
		s, _ := gosum.Parse([]byte(sum))
		b := open(t, "", func(c *Config) {
			c.Settings = goenv.Read(env, "")
			c.Environ, c.Sums = env, s
			c.Policy.Breaker.Failures = 0 // what it leaves out is not asked
		})
		defer b.relay.Close()
		env = append(env, b.relay.Env()...)
		rewrite = b.relay.Rewriter(false).Rewrite
	}
	y.server.Forget()
	res := modtest.Run(t, dir, env, modtest.RealGo(t), command...)
	o := outcome{code: res.Code, stderr: res.Stderr, asked: y.asked()}
	if relayed {
		var b strings.Builder
		for line := range strings.Lines(res.Stderr) {
			b.Write(rewrite([]byte(line)))
		}
		o.stderr = b.String()
	}
	o.stderr = normalise(o.stderr, root)
	for _, name := range []string{"go.mod", "go.sum"} {
		data, _ := os.ReadFile(filepath.Join(dir, name))
		o.result += string(data)
	}
	return o
}

func normalise(text, root string) string {
	text = rootless(text, root)
	return regexp.MustCompile(`127\.0\.0\.1:\d+->`).ReplaceAllString(text, "")
}

func (y *yard) asked() []string {
	seen := map[string]bool{}
	for _, r := range y.server.Requests() {
		seen[r.Path] = true
	}
	maps.DeleteFunc(seen, func(path string, _ bool) bool { return !strings.Contains(path, "/example.com/") }) // not go's
	var list []string
	for p := range seen {
		list = append(list, p)
	}
	sort.Strings(list)
	return list
}

// compare is the promise: where plain go succeeds, so does the relay, with the
// same result; who is asked for what is the same; where plain go fails and
// nothing could be healed, exit status and text are the same.
func compare(t *testing.T, spec string, command []string, plain, relayed outcome) {
	healed := plain.code != 0 && relayed.code == 0
	corrupt := strings.Contains(spec, "corrupt|") && command[0] == "mod"
	if healed && !corrupt {
		t.Errorf("healed what is for good: %q", plain.stderr)
	}
	if !corrupt {
		equal(t, "asked", relayed.asked, plain.asked)
	}
	if healed {
		return
	}
	equal(t, "exit status", relayed.code, plain.code)
	equal(t, "result", relayed.result, plain.result)
	if !corrupt {
		equal(t, "text", relayed.stderr, plain.stderr)
	}
}

func TestLists(t *testing.T) {
	y := newYard(t)
	all := specs()
	full := os.Getenv("GOSTEADY_TEST_LISTS") == "all"
	if !full {
		rnd := rand.New(rand.NewSource(1))
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = append([]string{"refused", "corrupt|ok", "ok,direct", "500|direct", "404,direct", "404,off", "refused|file"}, all[:12]...)
	}
	var mu sync.Mutex // the log of requests is one
	for i, spec := range all {
		for j, command := range listCommands {
			if !full && i%len(listCommands) != j {
				continue
			}
			t.Run(spec+" "+strings.Join(command, " "), func(t *testing.T) {
				mu.Lock()
				defer mu.Unlock()
				compare(t, spec, command, y.run(t, command, false, spec), y.run(t, command, true, spec))
			})
		}
	}
}
