package probe

import (
	"context"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gosteady/gosteady/internal/mask"
)

// readRetractions reads the go.mod of the latest release, where a module's
// author retracts versions and deprecates the module.
func (p *probe) readRetractions(ctx context.Context, r *Report) {
	f, err := modfile.ParseLax("go.mod", []byte(p.latestGoMod(ctx, r)), nil)
	if err != nil || f.Module == nil {
		return
	}
	r.Deprecated = f.Module.Deprecated
	for _, retract := range f.Retract {
		if semver.Compare(retract.Low, r.Version) <= 0 && semver.Compare(r.Version, retract.High) <= 0 {
			r.Retracted = strings.TrimSpace(mask.Line(retract.Rationale))
			if r.Retracted == "" {
				r.Retracted = "no reason given"
			}
		}
	}
}

// latestGoMod is that of the newest version that the first source which has the
// module lists; a directory's is taken as it is for the version that was asked for.
func (p *probe) latestGoMod(ctx context.Context, r *Report) string {
	for _, e := range r.Sources {
		switch {
		case e.content == "" || e.newest == "":
			continue
		case r.Version == e.newest || e.base == nil:
			return e.content
		}
		path, _ := module.EscapePath(r.Module) // as it was, to be asked for
		version, _ := module.EscapeVersion(e.newest)
		if got := p.client.Get(ctx, e.base.JoinPath(path, "@v", version+".mod"), false); got.Body != "" {
			return got.Body
		}
	}
	return ""
}
