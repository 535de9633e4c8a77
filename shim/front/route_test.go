package front

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// plan decides for a command line in a directory with files, under a local
// toolchain go1.25.0 and the settings given.
func plan(t *testing.T, files map[string]string, env []string, args string) *Plan {
	t.Helper()
	dir := t.TempDir()
	goroot := filepath.Join(dir, "goroot")
	write := func(name, data string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("goroot/VERSION", "go1.25.0\ntime 2025-08-08T19:33:56Z\n")
	write("goroot/go.env", "GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n")
	write("goroot/src/cmd/vet/main.go", "")
	for name, data := range files {
		write("work/"+name, data)
	}
	if err := os.MkdirAll(filepath.Join(dir, "work"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "work"))
	env = append([]string{"GOENV=off", "GOROOT=" + goroot, "GOMODCACHE=" + filepath.Join(dir, "cache"), "HOME=" + dir}, env...)
	real := RealGo{Path: filepath.Join(goroot, "bin", "go"), GOROOT: goroot}
	return Decide(real, strings.Fields(args), env)
}

const plainMod = "module example.com/m\n\ngo 1.24\n"

func TestRoutes(t *testing.T) {
	vendored := map[string]string{"go.mod": plainMod, "vendor/modules.txt": "# none\n"}
	plainFiles := map[string]string{"go.mod": plainMod}
	tests := []struct {
		args  string
		files map[string]string
		env   string
		want  Route
	}{
		{"version", plainFiles, "", Pass},
		{"env GOPROXY", plainFiles, "", Pass},
		{"mod edit -json", plainFiles, "", Pass},
		{"nonsense", plainFiles, "", Pass},
		{"", plainFiles, "", Pass},
		{"build ./...", plainFiles, "", Supervise},
		{"mod tidy", plainFiles, "", Supervise},
		{"test ./...", plainFiles, "", Warm},
		{"test -c .", plainFiles, "", Supervise},
		{"run -n .", plainFiles, "", Supervise},
		{"run .", plainFiles, "GOFLAGS=-n", Supervise},
		{"run -n=false .", plainFiles, "", Pass},
		{"test -n=0 ./...", plainFiles, "", Pass},
		{"clean -cache", plainFiles, "", Pass},
		{"clean ./...", plainFiles, "", Supervise},
		{"tool", plainFiles, "", Pass},
		{"tool vet -h", plainFiles, "", Pass},
		{"tool stringer", plainFiles, "", Warm},
		{"build -h", plainFiles, "", Pass},
		{"build .", plainFiles, "GO111MODULE=off", Pass},
		{"build .", plainFiles, "GOPROXY=off", Pass},
		{"build .", plainFiles, "GOPROXY=off GONOPROXY=corp.example", Supervise},
		{"build .", plainFiles, "GOPROXY=off GOPRIVATE=corp.example", Supervise},
		{"build .", plainFiles, "GOSTEADY=off", Pass},
		{"build .", vendored, "", Pass},
		{"test .", vendored, "", Pass},
		{"build -mod=mod .", vendored, "", Supervise},
		{"build .", vendored, "GOFLAGS=-mod=mod", Supervise},
		{"run example.com/x@v1.0.0", vendored, "", Warm},
		{"install example.com/x@latest", vendored, "", Supervise},
		{"doc example.com/x@v1.0.0", vendored, "", Supervise},
		{"doc -ex example.com/x@latest Symbol", nil, "", Supervise},
		{"mod download", vendored, "", Supervise},
		{"get example.com/x", vendored, "", Supervise},
		{"build -mod=vendor .", plainFiles, "", Pass},
	}
	for _, tt := range tests {
		t.Run(tt.args+" "+tt.env, func(t *testing.T) {
			if p := plan(t, tt.files, strings.Fields(tt.env), tt.args); p.Route != tt.want {
				t.Errorf("route %s (%s), want %s", p.Route, p.Why, tt.want)
			}
		})
	}
}

func TestNestedInvocationPasses(t *testing.T) {
	inside := Wrap([]string{"GOPROXY=https://a.example"}, []string{"GOPROXY=http://127.0.0.1:1/t/0"}, "http://127.0.0.1:1/t/0", 0)
	if p := plan(t, nil, inside, "build ."); p.Route != Pass {
		t.Errorf("route %s below a living relay", p.Route)
	}
	dead := strings.Replace(inside[len(inside)-1], innerEnv+"=", innerEnv+"=9", 1) // a process number that cannot be
	inside[len(inside)-1] = strings.Replace(dead, "=9", "=99999999", 1)
	p := plan(t, nil, inside, "build .")
	if p.Route != Supervise || p.Getenv("GOPROXY") != "https://a.example" {
		t.Errorf("a dead relay: route %s, GOPROXY %q", p.Route, p.Getenv("GOPROXY"))
	}
}

func TestMissingToolchain(t *testing.T) {
	mod := func(lines string) map[string]string { return map[string]string{"go.mod": "module m\n\n" + lines} }
	platform := "." + runtime.GOOS + "-" + runtime.GOARCH
	tests := []struct {
		name  string
		files map[string]string
		env   string
		args  string
		want  string
	}{
		{"old enough", mod("go 1.24\n"), "", "version", ""},
		{"language version", mod("go 1.27\n"), "", "version", "go1.27.0"},
		{"release", mod("go 1.27.3\n"), "", "test ./...", "go1.27.3"},
		{"toolchain line", mod("go 1.24\n\ntoolchain go1.26.1\n"), "", "version", "go1.26.1"},
		{"default", mod("go 1.24\n\ntoolchain default\n"), "", "version", ""},
		{"supervised commands fetch it through the relay", mod("go 1.27\n"), "", "build ./...", ""},
		{"local", mod("go 1.27\n"), "GOTOOLCHAIN=local", "version", ""},
		{"path", mod("go 1.27\n"), "GOTOOLCHAIN=path", "version", ""},
		{"named", mod("go 1.24\n"), "GOTOOLCHAIN=go1.26.2", "version", "go1.26.2"},
		{"named and auto", mod("go 1.27\n"), "GOTOOLCHAIN=go1.26.2+auto", "version", "go1.27.0"},
		{"nonsense", mod("go 1.24\n"), "GOTOOLCHAIN=bash", "version", ""},
		{"selected already", mod("go 1.27\n"), "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=go1.25.0", "version", ""},
		{"exempt", mod("go 1.27\n"), "", "env GOTOOLCHAIN", ""},
		{"not exempt", mod("go 1.27\n"), "", "env GOPROXY", "go1.27.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if p := plan(t, tt.files, strings.Fields(tt.env), tt.args); p.Toolchain != tt.want {
				t.Errorf("toolchain %q, want %q", p.Toolchain, tt.want)
			}
		})
	}
	t.Run("in the cache", func(t *testing.T) {
		cache := t.TempDir()
		if err := os.MkdirAll(filepath.Join(cache, "golang.org", "toolchain@v0.0.1-go1.27.0"+platform), 0o755); err != nil {
			t.Fatal(err)
		}
		if p := plan(t, mod("go 1.27\n"), []string{"GOMODCACHE=" + cache}, "version"); p.Toolchain != "" {
			t.Errorf("toolchain %q although it is there", p.Toolchain)
		}
	})
}

func TestQuoteForExec(t *testing.T) {
	for in, want := range map[string]string{"/a/go": "/a/go", "/a b/go": "'/a b/go'", "/a'b/go": `"/a'b/go"`} {
		if got := quote(in); got != want {
			t.Errorf("quote(%s) = %s, want %s", in, got, want)
		}
	}
}
