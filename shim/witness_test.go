package shim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

// directSession is a session without a relay whose go.sum names ex.test/m v1.0.0, and its
// module cache.
func directSession(t *testing.T, environ ...string) (s *session, cache string) {
	t.Helper()
	cache = t.TempDir()
	environ = append([]string{"GOMODCACHE=" + cache, "GOENV=off"}, environ...)
	plan := &front.Plan{Settings: goenv.Read(environ, ""), Inv: front.Parse([]string{"build", "."}, nil)}
	plan.Real.GOROOT = t.TempDir()
	sums, err := gosum.Parse([]byte("ex.test/m v1.0.0 h1:uhQk7XkmyQBDTMx0I5QvQpGz+0iHtv4VC8h1hNrnZpA=\nex.test/p.git v1.0.0 h1:uhQk7XkmyQBDTMx0I5QvQpGz+0iHtv4VC8h1hNrnZpA=\n"))
	if err != nil {
		t.Fatal(err)
	}
	return &session{plan: plan, gosum: projectSums{sums: func() *gosum.Sums { return sums }}}, cache
}

// TestWitnesses: for each class of the table, a text alone leads to nothing, and with a
// witness to what the policy says.
func TestWitnesses(t *testing.T) {
	retry := policy.Default().Retry
	for class, words := range witnesses {
		for of := witness(1); of <= fileWrong; of <<= 1 {
			f := finding{
				Failure: classify.Failure{Class: class, Transient: true, Module: "ex.test/m"}, witness: words & of,
				decision: allowed(policy.ActRetry, policy.ActDirect, policy.ActVendor, policy.ActPurgeAll),
			}
			got := decide(history{{evidence: evidence{met: []finding{f}}}}, retry).action
			if want := actWait; f.witness == 0 && got != actNone || f.witness != 0 && got != want {
				t.Errorf("%s with witness %b: %s", class, f.witness, got)
			}
		}
	}
	for _, info := range classify.Table() {
		never := info.Class == classify.Configuration || info.Class == classify.NotFetch
		if (witnesses[info.Class] == 0) != never {
			t.Errorf("%s has the witnesses %b", info.Class, witnesses[info.Class])
		}
	}
}

// TestWhatIsSeen: who speaks for which failure.
func TestWhatIsSeen(t *testing.T) {
	const git = "go: ex.test/m@v1.0.0: git ls-remote -q origin in CACHE/cache/vcs/HASH: exit status 128:\n\tfatal: early EOF\n"
	hash := strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name  string
		text  string
		clone bool
		have  bool // the cache has the module
		want  witness
	}{
		{name: "a module that the cache lacks", text: "go: ex.test/m@v1.0.0: dial tcp 1.2.3.4:443: connect: connection refused", want: cacheLacks},
		{name: "one that it has", have: true, text: "go: ex.test/m@v1.0.0: dial tcp 1.2.3.4:443: connect: connection refused"},
		{name: "one that nobody needs", text: "go: ex.test/x@v1.0.0: dial tcp 1.2.3.4:443: connect: connection refused"},
		{name: "a version that nobody needs", text: "go: ex.test/m@v1.1.0: dial tcp 1.2.3.4:443: connect: connection refused"},
		{name: "no module", text: "go: x: read tcp 1.2.3.4:5->5.6.7.8:443: read: connection reset by peer"},
		{name: "git in a clone", text: git, clone: true, have: true, want: gitRan},
		{name: "git in none", text: git, have: true},
		{name: "protocols that were tried out", text: "main.go:3:8: no secure protocol found for repository", want: cacheLacks},
	} {
		s, cache := directSession(t, "GOPROXY=direct")
		if tt.clone {
			mkdir(t, filepath.Join(cache, "cache", "vcs", hash))
		}
		if tt.have {
			for _, name := range []string{"v1.0.0.mod", "v1.0.0.zip"} {
				dir := filepath.Join(cache, "cache", "download", "ex.test", "m", "@v")
				mkdir(t, dir)
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		text := strings.NewReplacer("CACHE", filepath.ToSlash(cache), "HASH", hash).Replace(tt.text)
		seen := sight{clones: func() bool { return s.sawClone(text, time.Now().Add(time.Hour)) }}
		f := s.interpreted(first(t, text), seen)
		if got := s.witnessed(f, seen); got != tt.want {
			t.Errorf("%s: %+v has the witnesses %b, want %b", tt.name, f, got, tt.want)
		}
	}
}

// TestTriedProtocols: git that failed while go tried out protocols passes, if anything
// shows that it ran.
func TestTriedProtocols(t *testing.T) {
	text := "go: ex.test/p.git@v1.0.0: no secure protocol found for repository"
	s, _ := directSession(t, "GOPROXY=direct")
	nothing := sight{clones: func() bool { return false }}
	if f := s.interpreted(first(t, text), nothing); f.Class != classify.VCSNetwork || !f.Transient {
		t.Errorf("with a module that is lacking: %+v", f)
	}
	other := "go: ex.test/q.git@v1.0.0: no secure protocol found for repository"
	if f := s.interpreted(first(t, other), nothing); f.Class != classify.Configuration || f.Transient {
		t.Errorf("text alone: %+v", f)
	}
}

// TestSameOrigin: what the relay answered for a module is not what its origin said.
func TestSameOrigin(t *testing.T) {
	page := classify.Failure{Class: classify.Connect, Transient: true, Module: "ex.test/m", Host: "ex.test"}
	if sameFailure(relay.Failure{Failure: classify.Failure{Class: classify.NotFound, Module: "ex.test/m", Host: "p.test"}}, page) {
		t.Error("the page at the import path counts as asked through the relay")
	}
	if !sameFailure(relay.Failure{Failure: classify.Failure{Class: classify.Connect, Module: "ex.test/m", Host: "ex.test"}}, page) {
		t.Error("a proxy at the module's own host does not count")
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
}
