package goenv

import (
	"path/filepath"
	"runtime"
	"strings"
)

// Get returns the effective value of a setting as "go env NAME" prints it,
// with the defaults that cmd/go fills in. GOWORK is the setting, not the file
// that was found. What cmd/go takes from the environment only (GODEBUG) is
// taken from there only.
func (s *Settings) Get(name string) string {
	switch name {
	case "GODEBUG":
		return s.Environ(name)
	case "GOENV":
		file, _ := s.EnvFile()
		return file
	case "GOHOSTOS":
		return s.goos
	case "GOHOSTARCH":
		return runtime.GOARCH
	case "GOCACHE":
		return s.buildCache()
	case "GOPATH":
		return s.absolute(s.gopath())
	case "GOVERSION":
		return s.LocalVersion()
	}
	if v, _ := s.lookup(name); v != "" {
		return v
	}
	return s.fallback(name)
}

// fallback is what cmd/go assumes where nothing sets a value.
func (s *Settings) fallback(name string) string {
	switch name {
	case "GOOS":
		return s.goos
	case "GOARCH":
		return runtime.GOARCH
	case "GOEXE":
		if s.Get("GOOS") == "windows" {
			return ".exe"
		}
	case "GONOPROXY", "GONOSUMDB":
		return s.Get("GOPRIVATE")
	case "GOAUTH":
		return "netrc" // since go1.24; earlier versions did just that
	case "GOFIPS140":
		return "off"
	case "GOMODCACHE":
		return s.inGOPATH("pkg/mod")
	case "GOTOOLDIR":
		if root := s.GOROOT(); root != "" {
			return filepath.Join(root, "pkg", "tool", s.goos+"_"+runtime.GOARCH)
		}
	}
	return s.archDefault(name)
}

// archDefault is the default of the one variable that refines GOARCH; those
// of other architectures have none.
func (s *Settings) archDefault(name string) string {
	d, ok := archDefaults[s.Get("GOARCH")]
	if !ok || d[0] != name {
		return ""
	}
	return d[1]
}

// archDefaults are those of the released toolchains.
var archDefaults = map[string][2]string{
	"arm": {"GOARM", "7"}, "arm64": {"GOARM64", "v8.0"},
	"386": {"GO386", "sse2"}, "amd64": {"GOAMD64", "v1"},
	"mips": {"GOMIPS", "hardfloat"}, "mipsle": {"GOMIPS", "hardfloat"},
	"mips64": {"GOMIPS64", "hardfloat"}, "mips64le": {"GOMIPS64", "hardfloat"},
	"ppc64": {"GOPPC64", "power8"}, "ppc64le": {"GOPPC64", "power8"},
	"riscv64": {"GORISCV64", "rva20u64"},
}

// inGOPATH joins a path to the first directory of GOPATH.
func (s *Settings) inGOPATH(rel string) string {
	list := filepath.SplitList(s.gopath())
	if len(list) == 0 || list[0] == "" {
		return ""
	}
	return filepath.Join(list[0], rel)
}

// gopath is GOPATH, by default "go" in the home directory unless that is
// GOROOT itself.
func (s *Settings) gopath() string {
	if v, _ := s.lookup("GOPATH"); v != "" {
		return v
	}
	home := s.home()
	if home == "" {
		return ""
	}
	def := filepath.Join(home, "go")
	if root := s.Environ("GOROOT"); root != "" && filepath.Clean(root) == def {
		return ""
	}
	return def
}

// absolute takes back a GOPATH that was inferred from a relative home
// directory, as cmd/go does (though it leaves GOMODCACHE in there).
func (s *Settings) absolute(gopath string) string {
	if v, _ := s.lookup("GOPATH"); v == "" && !filepath.IsAbs(gopath) {
		return ""
	}
	return gopath
}

// buildCache is GOCACHE; "off" where there is no place for one.
func (s *Settings) buildCache() string {
	v, _ := s.lookup("GOCACHE")
	switch {
	case v == "":
		if dir, ok := s.UserCacheDir(); ok {
			return filepath.Join(dir, "go-build")
		}
		return "off"
	case filepath.IsAbs(v):
		return v
	}
	return "off"
}

func (s *Settings) home() string {
	if s.goos == "windows" {
		return s.Environ("USERPROFILE")
	}
	return s.Environ("HOME")
}

// userConfigDir is os.UserConfigDir for this environment.
func (s *Settings) userConfigDir() (string, bool) {
	return s.userDir("AppData", "/Library/Application Support", "XDG_CONFIG_HOME", "/.config")
}

// UserCacheDir is os.UserCacheDir for this environment.
func (s *Settings) UserCacheDir() (string, bool) {
	return s.userDir("LocalAppData", "/Library/Caches", "XDG_CACHE_HOME", "/.cache")
}

func (s *Settings) userDir(windows, darwin, xdg, unix string) (string, bool) {
	switch s.goos {
	case "windows":
		dir := s.Environ(windows)
		return dir, dir != ""
	case "darwin", "ios":
		home := s.Environ("HOME")
		return home + darwin, home != ""
	}
	if dir := s.Environ(xdg); dir != "" {
		return dir, strings.HasPrefix(dir, "/")
	}
	home := s.Environ("HOME")
	return home + unix, home != ""
}
