package install

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Toolchains lists the GOROOTs of this machine that lie where people and tools put
// them: in PATH, Go's own installers' places, golang.org/dl, setup-go, asdf, mise,
// goenv. Links are resolved; none is listed twice.
func Toolchains(getenv func(string) string) []string {
	var list []string
	add := func(root string) {
		root, err := filepath.EvalSymlinks(root)
		if err != nil || !isThere(filepath.Join(root, "pkg", "tool")) || !isThere(filepath.Join(root, "bin", exe("go"))) {
			return
		}
		if !slices.Contains(list, root) {
			list = append(list, root)
		}
	}
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if file, err := filepath.EvalSymlinks(filepath.Join(dir, exe("go"))); err == nil {
			add(filepath.Dir(filepath.Dir(file)))
		}
	}
	for _, pattern := range places(getenv) {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // a directory's name that is no pattern
		}
		for _, root := range found {
			add(root)
		}
	}
	return list
}

// places are patterns of GOROOTs.
func places(getenv func(string) string) []string {
	var list []string
	below := func(base string, patterns ...string) {
		if filepath.IsAbs(base) {
			for _, p := range patterns {
				list = append(list, filepath.Join(base, filepath.FromSlash(p)))
			}
		}
	}
	home, _ := os.UserHomeDir()
	if h := getenv("HOME"); h != "" {
		home = h
	}
	if runtime.GOOS == "windows" {
		below(getenv("ProgramFiles"), "Go")
		below(`C:\hostedtoolcache\windows`, "go/*/*")
	} else {
		below("/", "usr/local/go", "usr/lib/go", "usr/lib/go-*", "usr/lib/golang", "opt/go", "opt/hostedtoolcache/go/*/*")
		below("/", "opt/homebrew/opt/go/libexec", "usr/local/opt/go/libexec")
	}
	below(home, "sdk/go*", "go", ".asdf/installs/golang/*/go", ".local/share/mise/installs/go/*", ".goenv/versions/*")
	below(getenv("RUNNER_TOOL_CACHE"), "go/*/*")
	below(getenv("ASDF_DATA_DIR"), "installs/golang/*/go")
	below(getenv("MISE_DATA_DIR"), "installs/go/*")
	below(getenv("GOENV_ROOT"), "versions/*")
	return list
}

// PassingBy returns those of the GOROOTs whose go is started without us by whoever
// knows its path.
func PassingBy(roots []string) []string {
	return slices.DeleteFunc(slices.Clone(roots), func(root string) bool {
		state := StateOf(root)
		return state == Standing || state == Stranded
	})
}
