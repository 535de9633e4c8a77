package goenv

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// goCommand returns the real go and its GOROOT.
func goCommand(t *testing.T) (path, goroot string) {
	t.Helper()
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	cmd := exec.Command(path, "env", "GOROOT")
	cmd.Env = append(os.Environ(), "GOENV=off", "GOSTEADY=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot = strings.TrimSpace(string(out))
	return filepath.Join(goroot, "bin", "go"+exeSuffix()), goroot
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// known are the settings that are compared: all that "go env" lists but those
// that need a compiler, the telemetry package, or the module that was found.
var known = strings.Fields(`GO111MODULE GO386 GOAMD64 GOARCH GOARM GOARM64 GOAUTH GOBIN GOCACHE
	GOCACHEPROG GODEBUG GOENV GOEXE GOEXPERIMENT GOFIPS140 GOFLAGS GOHOSTARCH GOHOSTOS GOINSECURE
	GOMIPS GOMIPS64 GOMODCACHE GONOPROXY GONOSUMDB GOOS GOPATH GOPPC64 GOPRIVATE GOPROXY
	GORISCV64 GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN GOTOOLDIR GOVCS GOVERSION GOWASM`)

// An arrangement is one environment and one user's file.
type arrangement struct {
	name string
	env  string // space-separated
	file string // content of the user's file, if any
}

// TestAgainstGo compares every setting with what the real go prints, in
// arrangements of environment and file. HOME is a fresh directory unless the
// environment says otherwise; %H stands for it, %R for GOROOT.
func TestAgainstGo(t *testing.T) {
	goCmd, goroot := goCommand(t)
	tests := []arrangement{
		{name: "nothing set"},
		{name: "no home", env: "HOME= XDG_CONFIG_HOME= XDG_CACHE_HOME="},
		{name: "relative home", env: "HOME=rel GOCACHE=%H/c"},
		{name: "home above GOROOT", env: "HOME=%R/.. GOCACHE=%H/c"},
		{name: "home does not exist", env: "HOME=/no-home"},
		{name: "file off", env: "GOENV=off", file: "GOPROXY=https://a.example\n"},
		{name: "file elsewhere", env: "GOENV=%H/other", file: "GOPROXY=https://a.example\n"},
		{name: "XDG_CONFIG_HOME", env: "XDG_CONFIG_HOME=%H/x XDG_CACHE_HOME=%H/y"},
		{name: "relative XDG", env: "XDG_CONFIG_HOME=x GOCACHE=%H/c"},
		{name: "relative XDG cache", env: "XDG_CACHE_HOME=x"},
		{name: "file", file: "GOPROXY=https://a.example,direct\nGOPRIVATE=corp.example\nGOFLAGS=-mod=mod -x\n"},
		{name: "shadowed", env: "GOPROXY=https://b.example GOFLAGS=-v", file: "GOPROXY=https://a.example\nGOFLAGS=-x\nGONOSUMDB=z.example\n"},
		{name: "empty variable is none", env: "GOPROXY= GOSUMDB=", file: "GOPROXY=https://a.example\n"},
		{name: "empty line hides go.env", file: "GOPROXY=\nGOSUMDB=\nGOTOOLCHAIN=\n"},
		{name: "last line wins", file: "GOPROXY=https://a.example\nGOPROXY=https://b.example"},
		{name: "odd lines", file: "# GOPROXY=x\n\n=y\nnonsense\n GOPROXY=https://spaced.example\ngoproxy=lower\nGOSUMDB = spaced\nGONOPROXY=a=b\n"},
		{name: "nothing is quoted", file: "GOPRIVATE=\"q.example\"\nGOVCS= *:off \nGOINSECURE='x'\n"},
		{name: "carriage returns stay", file: "GOPRIVATE=q.example\r\nGONOPROXY=none\r\n"},
		{name: "bytes that are no text", file: "GOPRIVATE=\xff\xfe\nGOSUMDB=\x01off\n"},
		{name: "private", env: "GOPRIVATE=corp.example/*,*.internal"},
		{name: "private and more", env: "GOPRIVATE=corp.example GONOPROXY=none GONOSUMDB=other.example"},
		{name: "auth", env: "GOAUTH=git%20/d;netrc GOVCS=*:all GOINSECURE=plain.example"},
		{name: "GOPATH list", env: "GOPATH=%H/a%LIST%H/b"},
		{name: "GOPATH list with empty first", env: "GOPATH=%LIST%H/b"},
		{name: "GOPATH in file", file: "GOPATH=" + filepath.VolumeName(goroot) + "/opt/gopath\n"},
		{name: "GOMODCACHE", env: "GOMODCACHE=%H/m GOCACHE=%H/c GOTMPDIR=%H/t GOBIN=%H/b"},
		{name: "cache off", env: "GOCACHE=off"},
		{name: "relative cache", env: "GOCACHE=rel"},
		{name: "cache program", env: "GOCACHEPROG=prog%20-x"},
		{name: "GOROOT", env: "GOROOT=%R/."},
		{name: "GOROOT without go.env", file: "GOROOT=/nowhere\n", env: "GOROOT=%R"},
		{name: "cross", env: "GOOS=windows GOARCH=arm64"},
		{name: "cross in file", file: "GOOS=darwin\nGOARCH=amd64\nGOAMD64=v3\n"},
		{name: "mips", env: "GOOS=linux GOARCH=mipsle GOAMD64=v3"},
		{name: "wasm", env: "GOOS=js GOARCH=wasm"},
		{name: "modules", env: "GO111MODULE=auto GODEBUG=http2client=0 GOEXPERIMENT=none GOFIPS140=latest"},
		{name: "only the environment has GODEBUG", file: "GODEBUG=http2client=0\nGOVERSION=go9\nGOHOSTOS=plan9\n"},
		{name: "unknown flags", env: "GOFLAGS='-no-such-flag'%20\"x\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			expand := strings.NewReplacer("%LIST", string(filepath.ListSeparator), "%H", home, "%R", goroot, "%20", " ").Replace
			env := append(homeAt(home), "GOTOOLCHAIN=local", "PATH="+os.Getenv("PATH"))
			for _, kv := range strings.Fields(tt.env) {
				env = append(env, expand(kv))
			}
			if tt.file != "" {
				env = tt.fileAt(t, env, home)
			}
			quiet(t, env, home)
			compare(t, goCmd, goroot, env)
		})
	}
}

// homeAt are the variables by which a system tells of a home.
func homeAt(home string) []string {
	if runtime.GOOS != "windows" {
		return []string{"HOME=" + home}
	}
	return []string{
		"HOME=" + home, "USERPROFILE=" + home, "SystemRoot=" + os.Getenv("SystemRoot"),
		"APPDATA=" + filepath.Join(home, "Roaming"), "LOCALAPPDATA=" + filepath.Join(home, "Local"),
	}
}

// quiet turns telemetry off below home: its background process would write
// there while the test cleans up.
func quiet(t *testing.T, env []string, home string) {
	t.Helper()
	dir, ok := Read(env, "").userConfigDir()
	if !ok {
		return
	}
	if !strings.HasPrefix(dir, home) {
		return
	}
	dir = filepath.Join(dir, "go", "telemetry")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "mode"), "off 2020-01-01\n")
}

// fileAt writes the user's file where the environment puts it.
func (tt *arrangement) fileAt(t *testing.T, env []string, home string) []string {
	t.Helper()
	file := filepath.Join(home, "other")
	if !strings.Contains(tt.env, "GOENV=%H") {
		dir, ok := Read(env, "").userConfigDir()
		if !ok {
			t.Fatal("the test has a file and no place for it")
		}
		file = filepath.Join(dir, "go", "env")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, file, tt.file)
	return env
}

func compare(t *testing.T, goCmd, goroot string, env []string) {
	t.Helper()
	want := goEnv(t, goCmd, env)
	s := Read(env, goroot)
	for name, w := range want {
		if name == "GOBIN" && s.Get(name) == "" {
			continue // go1.27 says where programs go then, which is no setting
		}
		// A byte that is no text does not survive JSON.
		if g := string([]rune(s.Get(name))); g != w {
			t.Errorf("%s = %q, go says %q", name, g, w)
		}
	}
}

func goEnv(t *testing.T, goCmd string, env []string) map[string]string {
	t.Helper()
	cmd := exec.Command(goCmd, append([]string{"env", "-json"}, known...)...)
	// A relative HOME lies below this directory, where the background process of
	// go's telemetry would write while it is removed.
	cmd.Env, cmd.Dir = append(env, "TEST_TELEMETRY_DIR="+filepath.Join(os.TempDir(), "gosteady-test-telemetry")), t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go env -json: %v\n%s", err, stderr.Bytes())
	}
	var m map[string]string
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGoEnvW reads what "go env -w" itself writes.
func TestGoEnvW(t *testing.T) {
	goCmd, goroot := goCommand(t)
	home := t.TempDir()
	env := append(homeAt(home), "GOTOOLCHAIN=local", "PATH="+os.Getenv("PATH"))
	quiet(t, env, home)
	for _, set := range [][]string{
		{"-w", "GOPROXY=https://a.example|direct", "GOPRIVATE=corp.example/*", "GOFLAGS=-mod=mod '-ldflags=-s -w'"},
		{"-w", "GOSUMDB=off", "GOAUTH=netrc"},
		{"-w", "GOPROXY="},
		{"-u", "GOPRIVATE"},
	} {
		cmd := exec.Command(goCmd, append([]string{"env"}, set...)...)
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go env %q: %v\n%s", set, err, out)
		}
		compare(t, goCmd, goroot, env)
	}
	s := Read(append(env, "GOSUMDB=sum.golang.org"), goroot)
	if v, ok := s.UserFile("GOSUMDB"); v != "off" || !ok {
		t.Errorf("UserFile(GOSUMDB) = %q, %v behind the environment; want off", v, ok)
	}
}

func TestOrigin(t *testing.T) {
	home, goroot := t.TempDir(), t.TempDir()
	write(t, filepath.Join(home, "env"), "GOPRIVATE=corp.example\nGOSUMDB=\n")
	write(t, filepath.Join(goroot, "go.env"), "GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOROOT=/elsewhere\n")
	write(t, filepath.Join(goroot, "VERSION"), "go1.26.8 X:something\ntime 2026-01-01T00:00:00Z\n")
	s := Read([]string{"GOENV=" + filepath.Join(home, "env"), "GOVCS=*:git", "GOAUTH="}, goroot)
	for _, tt := range []struct {
		name, value string
		origin      Origin
	}{
		{"GOVCS", "*:git", FromEnvironment},
		{"GOPRIVATE", "corp.example", FromUserFile},
		{"GOSUMDB", "", FromUserFile},
		{"GOPROXY", "https://proxy.golang.org,direct", FromGOROOT},
		{"GOAUTH", "netrc", FromDefault},
		{"GONOPROXY", "corp.example", FromDefault},
		{"GOROOT", goroot, FromDefault},
		{"GOVERSION", "go1.26.8", FromDefault},
		{"GOARM", "", FromDefault},
	} {
		if got := s.Get(tt.name); got != tt.value {
			t.Errorf("Get(%s) = %q, want %q", tt.name, got, tt.value)
		}
		if got := s.Origin(tt.name); got != tt.origin {
			t.Errorf("Origin(%s) = %v, want %v", tt.name, got, tt.origin)
		}
	}
	if !s.NoProxy("corp.example/x") || s.NoProxy("corp.example.org/x") || !s.NoSumDB("corp.example") {
		t.Error("GOPRIVATE does not stand in for GONOPROXY and GONOSUMDB")
	}
}

func TestPrivate(t *testing.T) {
	s := Read([]string{"GOENV=off", "GOPRIVATE=a.example,b.example/x", "GONOPROXY=c.example"}, "")
	for path, want := range map[string]bool{
		"a.example/m": true, "b.example/x/y": true, "b.example/y": false, "c.example": true, "d.example": false,
	} {
		if got := s.Private(path); got != want {
			t.Errorf("Private(%s) = %v, want %v", path, got, want)
		}
	}
	if s.NoProxy("a.example/m") {
		t.Error("GONOPROXY does not override GOPRIVATE for proxies")
	}
}

// TestOtherSystems looks at the directories of systems that the test does not
// run on.
func TestOtherSystems(t *testing.T) {
	mac := read([]string{"HOME=/Users/u"}, "", "darwin")
	if got := filepath.ToSlash(mac.Get("GOENV")); got != "/Users/u/Library/Application Support/go/env" {
		t.Errorf("darwin: GOENV = %q", got)
	}
	if got := filepath.ToSlash(mac.Get("GOCACHE")); got != "/Users/u/Library/Caches/go-build" {
		t.Errorf("darwin: GOCACHE = %q", got)
	}
	win := read([]string{"=C:=C:\\x", "Path=p", "appdata=A", "localappdata=L", "UserProfile=U"}, "", "windows")
	for name, want := range map[string]string{
		"GOENV": "A/go/env", "GOCACHE": "L/go-build", "GOMODCACHE": "U/go/pkg/mod", "GOEXE": ".exe",
	} {
		if got := filepath.ToSlash(win.Get(name)); got != want {
			t.Errorf("windows: %s = %q, want %q", name, got, want)
		}
	}
	if got := win.Environ("PATH"); got != "p" {
		t.Errorf("windows: PATH = %q", got)
	}
}

func TestNothingKnown(t *testing.T) {
	s := Read(nil, "")
	if got := s.LocalVersion(); got != "" {
		t.Errorf("LocalVersion = %q", got)
	}
	if _, ok := s.EnvFile(); ok {
		t.Error("there is a file without a home")
	}
	if got := s.Get("GOPATH"); got != "" {
		t.Errorf("GOPATH = %q", got)
	}
}

// FuzzParse holds the file parser to what cmd/go promises: a line that was
// written as "go env -w" writes it reads back, whatever stands around it.
func FuzzParse(f *testing.F) {
	f.Add("GOPROXY=x\n# c\n", "GOFLAGS", "-mod=mod -x")
	f.Add("no newline", "A", "")
	f.Add("=\n==\n\x00", "Z", "a=b")
	f.Fuzz(func(t *testing.T, before, key, value string) {
		parse(before)
		if key == "" || key[0] < 'A' || key[0] > 'Z' || strings.ContainsAny(key, "=\n") || strings.Contains(value, "\n") {
			return
		}
		got, ok := parse(before + "\n" + key + "=" + value + "\n")[key]
		if !ok || got != value {
			t.Errorf("%s=%q read back as %q, %v", key, value, got, ok)
		}
	})
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
