package classify

import "strings"

// trace reads a line of "go … -x": it remembers the host of "# get URL", for
// errors that name none, and what was answered well after all.
func (r *reader) trace(text string) {
	if path, ok := resolved(text); ok {
		r.settle(path)
	}
	if !strings.HasPrefix(text, "# get ") {
		return
	}
	a, ok := (&statement{text: text}).addressBefore(len(text))
	if !ok {
		return
	}
	if r.asked == nil {
		r.asked = map[string]bool{}
	}
	r.asked[hostOf(a.url)] = true
	if strings.Contains(text, ": 200 OK") {
		r.forget(file(a))
	}
}

// resolved reads the module of go's news that a version was found.
func resolved(text string) (path string, ok bool) {
	if !strings.HasPrefix(text, "go: ") {
		return "", false
	}
	for _, word := range []string{"go: added ", "go: upgraded ", "go: downgraded "} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			path, _, _ = strings.Cut(rest, " ")
			return path, true
		}
	}
	if !strings.HasPrefix(text, "go: found ") {
		return "", false
	}
	_, rest, ok := strings.Cut(text, " in ")
	path, _, _ = strings.Cut(rest, " ")
	return path, ok
}

// expect remembers a reading of "-x" until go is seen to have got over it: with
// the next entry of GOPROXY, or since it only tried whether a prefix of a
// package's path is a module.
func (r *reader) expect(got reading, text string) {
	if got.rank != traced {
		return
	}
	a, ok := (&statement{text: text}).addressBefore(len(text))
	if !ok {
		return
	}
	if r.traced == nil {
		r.traced = map[string][]int{}
	}
	for _, key := range []string{got.Module, file(a)} {
		r.traced[key] = append(r.traced[key], len(r.readings)-1)
	}
}

// settle forgets what went wrong on the way to a module that go has found,
// also where it looked for the module in the path's prefixes.
func (r *reader) settle(path string) {
	if len(path) > longestPath {
		return
	}
	for path != "" && len(r.traced) > 0 {
		r.forget(path)
		path = path[:max(0, strings.LastIndexByte(path, '/'))]
	}
}

// longestPath bounds a module's path, so that its prefixes are few.
const longestPath = 500

func (r *reader) forget(key string) {
	for _, i := range r.traced[key] {
		r.readings[i].over = true
	}
	delete(r.traced, key)
}

// file is what an address asks for, whatever the proxy: "path/@v/list".
func file(a address) string {
	m, _ := moduleOf(a.url)
	_, name, _ := strings.Cut(a.url.Path, "/@")
	return m.path + "/@" + name
}
