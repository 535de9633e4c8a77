package modcache

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Toolchains lists the toolchains that were extracted into the cache.
func (c *Cache) Toolchains() []module.Version {
	entries, _ := os.ReadDir(filepath.Join(c.Dir, "golang.org")) // none: no toolchains
	var list []module.Version
	for _, e := range entries {
		version, ok := strings.CutPrefix(e.Name(), "toolchain@")
		if m, is := unescape(toolchainPath, version); ok && is && e.IsDir() {
			list = append(list, m)
		}
	}
	return list
}

// toolchainsWithout returns those that lack a tool where toolchains have theirs.
func (c *Cache) toolchainsWithout(tool string) []module.Version {
	var list []module.Version
	for _, m := range c.Toolchains() {
		if p, err := c.place(m); err == nil && !hasTool(p.dir, tool) {
			list = append(list, m)
		}
	}
	return list
}

func hasTool(goroot, tool string) bool {
	tools := filepath.Join(goroot, "pkg", "tool")
	platforms, _ := os.ReadDir(tools) // none: no tools
	return slices.ContainsFunc(platforms, func(e os.DirEntry) bool {
		dir := filepath.Join(tools, e.Name())
		return existing(filepath.Join(dir, tool)) != "" || existing(filepath.Join(dir, tool+".exe")) != ""
	})
}
