package probe

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
)

// answered returns the answer to one question, if it was asked.
func (e Source) answered(file string) (Answer, bool) {
	for _, a := range e.Answers {
		if a.File == file {
			return a, true
		}
	}
	return Answer{}, false
}

// serves reports whether a source gives all that the go command needs.
func (e Source) serves() bool {
	if a, ok := e.answered("repository"); ok {
		return a.OK
	}
	for _, file := range []string{"info", "mod", "zip"} {
		if a, ok := e.answered(file); !ok || !a.OK {
			return false
		}
	}
	return true
}

// judge walks the sources as the go command would, and writes the advice.
func (r *Report) judge(private bool) {
	served, stopped := "", false
	for _, e := range r.Sources {
		if e.Kind == "sumdb" || e.Skipped != "" {
			continue
		}
		switch {
		case e.serves():
			if served == "" {
				served = e.Name
			}
			r.Found = r.Found || !stopped
		case !e.lets():
			stopped = true
		}
	}
	r.adviseFailures()
	r.adviseMirrors(served)
	r.adviseSumDB(served)
	if served == "" && !private && len(r.Advice) == 0 {
		r.advise("no proxy has it: check the path and the version; if it is private: go env -w GOPRIVATE=%s", privatePattern(r.Module))
	}
	if r.Retracted != "" {
		r.advise("%s is retracted (%s): go get %s@latest", r.Version, r.Retracted, r.Module)
	}
	if r.Deprecated != "" {
		r.advise("the module is deprecated: %s", mask.Line(r.Deprecated))
	}
}

func (r *Report) advise(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, said := range r.Advice {
		if said == text {
			return
		}
	}
	r.Advice = append(r.Advice, text)
}

// adviseFailures repeats what the classifier advises, once each. A 404 is no
// failure of the server, and has advice of its own.
func (r *Report) adviseFailures() {
	for _, e := range r.Sources {
		for _, a := range e.Answers {
			if !a.OK && a.advice != "" && !missing(a) && e.Kind != "sumdb" {
				r.advise("%s: %s", e.Name, a.advice)
			}
		}
	}
}

func missing(a Answer) bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusGone
}

// adviseMirrors compares the sources with each other.
func (r *Report) adviseMirrors(served string) {
	commit, commitOf := "", ""
	for _, e := range r.Sources {
		if info, ok := e.answered("info"); ok && missing(info) && served != "" {
			r.advise("%s is behind or blocks it: it has no %s; wait%s, or GOPROXY=%s go get %s@%s", e.Name, r.Version, cachedFor(info), served, r.Module, r.Version)
		}
		if e.Commit == "" {
			continue
		}
		if commit == "" {
			commit, commitOf = e.Commit, e.Name
		}
		if e.Commit != commit {
			r.advise("%s and %s have different commits for %s (%.12s and %.12s): the tag was moved; use a new version", commitOf, e.Name, r.Version, commit, e.Commit)
		}
	}
}

// cachedFor says how long a negative answer lives, if the server told.
func cachedFor(a Answer) string {
	for part := range strings.SplitSeq(a.CacheControl, ",") {
		if age, ok := strings.CutPrefix(strings.TrimSpace(part), "max-age="); ok && age != "0" {
			return " (the answer is cached for " + age + "s)"
		}
	}
	return ""
}

// adviseSumDB compares the go.mod of each source with the checksum database.
func (r *Report) adviseSumDB(served string) {
	var db Source
	for _, e := range r.Sources {
		if e.Kind == "sumdb" {
			db = e
		}
	}
	if a, ok := db.answered("lookup"); ok && !a.OK {
		switch {
		case missing(a) && served == "": // as may be expected of what nobody has
		case missing(a):
			r.advise("%s has no record of it: go get fails until it can fetch the version itself; if the module is private: go env -w GOPRIVATE=%s", db.Name, privatePattern(r.Module))
		default:
			r.advise("%s: %s", db.Name, a.advice)
		}
		r.Found = false
	}
	for _, e := range r.Sources {
		if db.GoMod != "" && e.GoMod != "" && e.GoMod != db.GoMod {
			r.advise("%s serves another go.mod than the checksum database knows: do not use it for this version", e.Name)
		}
	}
}

// privatePattern is the pattern that people mean: the host and the owner.
func privatePattern(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}
