package probe

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/policy"
)

// askProxies asks the entries one after the other, since what one answers
// decides whether the next may be told the module's name.
func (p *probe) askProxies(ctx context.Context, r *Report, proxies []proxylist.Proxy) {
	for _, entry := range proxies {
		e := Source{Name: mask.Proxies(entry.Raw), Kind: "proxy", fallBack: entry.FallBackOnError}
		switch entry.Kind {
		case proxylist.Direct:
			continue // asked last, by askRepository
		case proxylist.Off:
			e.Kind, e.Skipped = "off", "the list ends here"
		case proxylist.File:
			e.Kind = "file"
			p.askFile(&e, r, entry.FilePath())
		default:
			e.Name, e.base, e.public = mask.URL(entry.URL), entry.URL, policy.WellKnownProxy(entry.URL)
			if e.Skipped = p.mayAsk(r, e); e.Skipped == "" {
				p.askProxy(ctx, &e, r)
			}
		}
		r.Sources = append(r.Sources, e)
	}
}

// mayAsk says why an entry must not be told the module's name, "" if it may.
// The go command does not come to an entry while an earlier one has the
// module; where the earlier one is public, there is nothing left to keep.
func (p *probe) mayAsk(r *Report, e Source) string {
	if p.settings.NoProxy(r.Module) {
		return "GONOPROXY matches the module: go does not tell proxies about it"
	}
	if p.All {
		return ""
	}
	for _, before := range r.Sources {
		if before.Kind == "proxy" && before.Skipped == "" && !before.public && !before.lets() {
			return "go stops at " + before.Name + " and does not come to it (--all asks all the same)"
		}
	}
	return ""
}

// lets reports whether the go command would go on to the next entry.
func (e Source) lets() bool {
	for _, a := range e.Answers {
		if a.OK && a.File != "list" || !a.OK && a.Status != http.StatusNotFound && a.Status != http.StatusGone && !e.fallBack {
			return false
		}
	}
	return true
}

func (p *probe) askProxy(ctx context.Context, e *Source, r *Report) {
	escaped, err := module.EscapePath(r.Module)
	if err != nil {
		e.Skipped = err.Error()
		return
	}
	at := e.base.JoinPath(escaped, "@v")
	list := p.client.Get(ctx, at.JoinPath("list"), false)
	e.addList(list, r)
	if list.Status == 0 {
		return // nobody there: more questions would only take more patience
	}
	if r.Version == "" {
		latest := p.client.Get(ctx, e.base.JoinPath(escaped, "@latest"), false)
		r.Version = versionOf(latest)
		e.add("latest", latest, r.Version)
	}
	if r.Version == "" {
		return
	}
	p.askVersion(ctx, e, r, at)
}

// askVersion asks for the three files side by side. A query such as a branch
// is resolved first.
func (p *probe) askVersion(ctx context.Context, e *Source, r *Report, at *url.URL) {
	file := func(version, suffix string) *url.URL {
		escaped, _ := module.EscapeVersion(version) // a bad one is the server's to refuse
		return at.JoinPath(escaped + suffix)
	}
	info := p.client.Get(ctx, file(r.Version, ".info"), false)
	if v := versionOf(info); v != "" && module.CanonicalVersion(r.Version) != r.Version {
		r.Version = v
	}
	e.Commit = commitOf(info)
	e.add("info", info, describeInfo(info))
	if module.CanonicalVersion(r.Version) != r.Version {
		return // a query that it could not resolve has no files
	}
	var mod, zip httpprobe.Answer
	var group sync.WaitGroup
	group.Go(func() { mod = p.client.Get(ctx, file(r.Version, ".mod"), false) })
	group.Go(func() { zip = p.client.Head(ctx, file(r.Version, ".zip")) })
	group.Wait()
	if mod.OK() {
		e.setGoMod(mod.Body)
	}
	e.add("mod", mod, e.GoMod)
	e.add("zip", zip, describeZip(zip))
}

// askFile looks into a proxy that is a directory.
func (p *probe) askFile(e *Source, r *Report, base string) {
	escaped, err := module.EscapePath(r.Module)
	if err != nil {
		e.Skipped = err.Error()
		return
	}
	dir := base + "/" + escaped + "/@v/"
	read := func(name string) httpprobe.Answer {
		data, err := repofile.Read(dir+name, repofile.MaxMod)
		if err != nil {
			return httpprobe.Answer{Status: http.StatusNotFound}
		}
		return httpprobe.Answer{Status: http.StatusOK, Body: string(data)}
	}
	e.addList(read("list"), r)
	if r.Version == "" {
		return
	}
	version, _ := module.EscapeVersion(r.Version)
	info, mod := read(version+".info"), read(version+".mod")
	e.add("info", info, describeInfo(info))
	if mod.OK() {
		e.setGoMod(mod.Body)
	}
	e.add("mod", mod, e.GoMod)
	if fi, err := os.Stat(dir + version + ".zip"); err == nil {
		e.add("zip", httpprobe.Answer{Status: http.StatusOK}, tui.Size(fi.Size()))
	} else {
		e.add("zip", httpprobe.Answer{Status: http.StatusNotFound}, "")
	}
}

// addList adds the answer to the list, and takes the highest release from it
// where no version was named.
func (e *Source) addList(list httpprobe.Answer, r *Report) {
	text := ""
	if list.OK() {
		versions := strings.Fields(list.Body)
		e.Versions = len(versions)
		e.newest = highest(versions)
		text = tui.Count(len(versions), "version")
		if e.newest != "" {
			text += ", the newest " + e.newest
		}
		if semver.Compare(e.newest, r.Latest) > 0 {
			r.Latest = e.newest
		}
		if r.Version == "" {
			r.Version = e.newest
		}
		if module.CanonicalVersion(r.Version) == r.Version && !slices.Contains(versions, r.Version) && !module.IsPseudoVersion(r.Version) {
			text += ", without " + r.Version
		}
	}
	e.add("list", list, text)
}

// highest is the highest release, or without one the highest pre-release.
func highest(versions []string) string {
	release, any := "", ""
	for _, v := range versions {
		if semver.Compare(v, any) > 0 {
			any = v
		}
		if semver.Prerelease(v) == "" && semver.Compare(v, release) > 0 {
			release = v
		}
	}
	if release != "" {
		return release
	}
	return any
}

// add adds an answer with what it says, or why it says nothing.
func (e *Source) add(file string, a httpprobe.Answer, text string) {
	got := Answer{File: file, Status: a.Status, OK: a.OK(), Text: text}
	if !a.OK() {
		got.Class, got.Text, got.advice = string(a.Failure.Class), reasonOf(a), a.Failure.Advice
	}
	if a.Header != nil {
		got.Age, got.CacheControl = a.Header.Get("Age"), a.Header.Get("Cache-Control")
	}
	if a.Timing.Total > 0 {
		got.Timing = a.Timing.Seconds()
	}
	e.Answers = append(e.Answers, got)
}

// reasonOf is the server's own first line, or the error.
func reasonOf(a httpprobe.Answer) string {
	if a.Status == 0 {
		return mask.Line(a.Failure.Error())
	}
	line, _, _ := strings.Cut(strings.TrimSpace(a.Body), "\n")
	return mask.Line(line[:min(len(line), 200)])
}

func (e *Source) setGoMod(content string) {
	e.content = content
	e.GoMod = modhash.GoMod([]byte(content))
}
