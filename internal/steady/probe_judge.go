package steady

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gosteady/gosteady/internal/wording"
)

// answered returns the answer to one question, if it was asked.
func (e probeEntry) answered(file string) (probeAnswer, bool) {
	for _, a := range e.Answers {
		if a.File == file {
			return a, true
		}
	}
	return probeAnswer{}, false
}

// serves reports whether a source gives all that the go command needs.
func (e probeEntry) serves() bool {
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
func (r *probeReport) judge(private bool) {
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
		r.advise("nobody has it: check the path and the version; if it is private: go env -w GOPRIVATE=%s", privatePattern(r.Module))
	}
	if r.Retracted != "" {
		r.advise("%s is retracted (%s): go get %s@latest", r.Version, r.Retracted, r.Module)
	}
	if r.Deprecated != "" {
		r.advise("the module is deprecated: %s", wording.Line(r.Deprecated))
	}
}

func (r *probeReport) advise(format string, args ...any) {
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
func (r *probeReport) adviseFailures() {
	for _, e := range r.Sources {
		for _, a := range e.Answers {
			if !a.OK && a.Advice != "" && !missing(a) && e.Kind != "sumdb" {
				r.advise("%s: %s", e.Name, a.Advice)
			}
		}
	}
}

func missing(a probeAnswer) bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusGone
}

// adviseMirrors compares the sources with each other.
func (r *probeReport) adviseMirrors(served string) {
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
func cachedFor(a probeAnswer) string {
	for part := range strings.SplitSeq(a.CacheControl, ",") {
		if age, ok := strings.CutPrefix(strings.TrimSpace(part), "max-age="); ok && age != "0" {
			return " (the answer is cached for " + age + "s)"
		}
	}
	return ""
}

// adviseSumDB compares the go.mod of each source with the checksum database.
func (r *probeReport) adviseSumDB(served string) {
	var db probeEntry
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
			r.advise("%s: %s", db.Name, a.Advice)
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

// printProbe prints a heading for each source and a line for each answer.
func printProbe(w io.Writer, r *probeReport, s wording.Style) {
	title := r.Module
	if r.Version != "" {
		title += "@" + r.Version
	}
	fmt.Fprintln(w, title)
	for _, e := range r.Sources {
		fmt.Fprintf(w, "\n%s\n", e.Name)
		if e.Skipped != "" {
			fmt.Fprintf(w, "  %s  not asked: %s\n", s.Mark(wording.Note), e.Skipped)
		}
		for _, a := range e.Answers {
			fmt.Fprintf(w, "  %s  %s\n", s.Mark(a.verdict()), strings.TrimRight(strings.Join(a.columns(), "  "), " "))
		}
	}
	if len(r.Advice) > 0 {
		fmt.Fprintln(w)
		for _, advice := range r.Advice {
			fmt.Fprintf(w, "→ %s\n", advice)
		}
	}
}

func (a probeAnswer) verdict() wording.Verdict {
	switch {
	case a.OK:
		return wording.OK
	case missing(a):
		return wording.Warn
	}
	return wording.Fail
}

func (a probeAnswer) columns() []string {
	status := "---"
	if a.Status != 0 {
		status = fmt.Sprint(a.Status)
	}
	columns := []string{fmt.Sprintf("%-6s", a.File), status}
	if a.Timing != nil {
		columns = append(columns, fmt.Sprintf("%6s", wording.Seconds(a.Timing.Total)))
	}
	if a.Text != "" {
		columns = append(columns, wording.Line(a.Text))
	}
	if a.Class != "" {
		columns = append(columns, "("+a.Class+")")
	}
	if cached := a.cached(); cached != "" {
		columns = append(columns, "["+cached+"]")
	}
	return columns
}

// cached is what the answer says about caches.
func (a probeAnswer) cached() string {
	var parts []string
	if a.Age != "" {
		parts = append(parts, "age "+a.Age+"s")
	}
	if a.CacheControl != "" {
		parts = append(parts, a.CacheControl)
	}
	return strings.Join(parts, ", ")
}
