package probe

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// repositoryPatience bounds a clone, which is what go makes of the question.
const repositoryPatience = 2 * time.Minute

// askSumDB looks the version up, where the go command would.
func (p *probe) askSumDB(ctx context.Context, r *Report, proxies []proxylist.Proxy) {
	e := Source{Name: "checksum database", Kind: "sumdb"}
	defer func() { r.Sources = append(r.Sources, e) }()
	switch {
	case p.settings.Get("GOSUMDB") == "off":
		e.Skipped = "GOSUMDB=off"
		return
	case p.settings.NoSumDB(r.Module):
		e.Skipped = "GONOSUMDB matches the module: go does not look it up"
		return
	case module.CanonicalVersion(r.Version) != r.Version:
		e.Skipped = "there is no version to look up"
		return
	}
	name, base, ok := p.client.SumDB(ctx, p.settings, proxies)
	if !ok {
		e.Skipped = "GOSUMDB names none"
		return
	}
	e.Name = name
	path, errPath := module.EscapePath(r.Module)
	version, errVersion := module.EscapeVersion(r.Version)
	if err := errors.Join(errPath, errVersion); err != nil {
		e.Skipped = err.Error()
		return
	}
	got := p.client.Get(ctx, base.JoinPath("lookup", path+"@"+version), true)
	for line := range strings.SplitSeq(got.Body, "\n") {
		if f := strings.Fields(line); len(f) == 3 && f[0] == r.Module && f[1] == r.Version+"/go.mod" {
			e.GoMod = f[2]
		}
	}
	e.add("lookup", got, e.GoMod)
}

// askRepository has the real go ask the repository, in a module cache of its
// own that is thrown away: what is looked at here must not be taken for
// verified later. It is asked where the user says so, and where the go command
// would come to it first.
func (p *probe) askRepository(ctx context.Context, r *Report, goCommand string, proxies []proxylist.Proxy) {
	listed := slices.ContainsFunc(proxies, func(x proxylist.Proxy) bool { return x.Kind == proxylist.Direct })
	first := p.settings.NoProxy(r.Module) || len(proxies) > 0 && proxies[0].Kind == proxylist.Direct
	if !p.Direct && !first {
		if listed {
			r.Sources = append(r.Sources, Source{Name: "direct", Kind: "direct", Skipped: "--direct asks the repository"})
		}
		return
	}
	e := Source{Name: "direct", Kind: "direct"}
	a := Answer{File: "repository"}
	begin := time.Now()
	found, err := p.listDirect(ctx, r, goCommand)
	a.Timing = httpprobe.Timing{Total: time.Since(begin)}.Seconds()
	if a.OK = err == nil; a.OK {
		a.Text = found.Version + " of " + found.Time
		e.Commit = found.Origin.Hash
		if module.CanonicalVersion(r.Version) != r.Version {
			r.Version = found.Version
		}
	} else {
		a.Text = mask.Line(err.Error())
		if failures := classify.Text(err.Error()); len(failures) > 0 {
			a.Class, a.advice = string(failures[0].Class), failures[0].Advice
		}
	}
	e.Answers = []Answer{a}
	r.Sources = append(r.Sources, e)
}

var errNoRealGo = errors.New("there is no real go to ask the repository with")

func (p *probe) listDirect(ctx context.Context, r *Report, goCommand string) (infoFile, error) {
	if goCommand == "" {
		return infoFile{}, errNoRealGo
	}
	dir, err := os.MkdirTemp("", "gosteady-probe-*")
	if err != nil {
		return infoFile{}, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, repositoryPatience)
	defer cancel()
	version := r.Version
	if version == "" {
		version = "latest"
	}
	environ := append(slices.Clone(p.Place.Env), "GOPROXY=direct", "GOSUMDB=off", "GOMODCACHE="+dir,
		"GOFLAGS=-modcacherw", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local", "PWD="+dir)
	out, err := here.Place{Env: environ, Dir: dir}.Output(ctx, goCommand, "list", "-m", "-json", r.Module+"@"+version)
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	var info infoFile
	if err == nil {
		err = json.Unmarshal([]byte(out), &info)
	}
	return info, err
}
