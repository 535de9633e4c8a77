package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/tui"
)

// checkSettings finds Go settings that hurt.
func (d *doctor) checkSettings(context.Context) []Check {
	checks := d.checkProxyList()
	checks = append(checks, d.checkVerification()...)
	checks = append(checks, d.checkShadowed()...)
	if mode := d.settings.Get("GO111MODULE"); mode != "" && mode != "on" {
		verdict := tui.Warn
		if mode != "off" && mode != "auto" {
			verdict = tui.Fail
		}
		checks = append(checks, Check{Verdict: verdict, Text: d.said("GO111MODULE"), Fix: d.unset("GO111MODULE")})
	}
	flags, err := goenv.SplitFlags(d.settings.Get("GOFLAGS"))
	if err != nil {
		checks = append(checks, Check{Verdict: tui.Fail, Text: "GOFLAGS: " + err.Error(), Fix: d.unset("GOFLAGS")})
	}
	for _, flag := range flags {
		if strings.TrimLeft(flag, "-") == "mod=mod" {
			checks = append(checks, Check{Verdict: tui.Note, Text: "GOFLAGS has -mod=mod: builds may change go.mod, and vendor directories are ignored"})
		}
	}
	return checks
}

// said is a setting as it is, with where it comes from.
func (d *doctor) said(name string) string {
	return fmt.Sprintf("%s=%s (%s)", name, shown(name, d.settings.Get(name)), d.settings.Origin(name))
}

// shown is a setting's value as a person may see it.
func shown(name, value string) string {
	if name == "GOPROXY" {
		return mask.Proxies(value)
	}
	return mask.Line(value)
}

// unset is what to type to take a setting back.
func (d *doctor) unset(name string) string {
	switch d.settings.Origin(name) {
	case goenv.FromUserFile:
		return "go env -u " + name
	case goenv.FromGOROOT:
		return "take " + name + " out of go.env in GOROOT"
	}
	return "unset " + name
}

// checkProxyList judges the shape of GOPROXY.
func (d *doctor) checkProxyList() []Check {
	list := d.settings.Get("GOPROXY")
	proxies, err := proxylist.Parse(list)
	if err != nil {
		return []Check{{Verdict: tui.Fail, Text: "GOPROXY: " + err.Error(), Fix: "go env -w GOPROXY=https://proxy.golang.org,direct"}}
	}
	checks := []Check{{Verdict: tui.OK, Text: d.said("GOPROXY")}}
	entries := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' || r == ' ' })
	if len(entries) > len(proxies) {
		checks = append(checks, Check{Verdict: tui.Warn,
			Text: fmt.Sprintf("the entries after %q in GOPROXY are never used", mask.Proxies(proxies[len(proxies)-1].Raw)), Fix: "move it before that word, or drop it"})
	}
	for i, p := range proxies {
		switch {
		case p.Kind == proxylist.HTTP && !strings.Contains(p.Raw, "://"):
			checks = append(checks, Check{Verdict: tui.Note, Text: fmt.Sprintf("GOPROXY has %q without a scheme: go assumes https", mask.Proxies(p.Raw))})
		case p.Kind == proxylist.HTTP && p.URL.Scheme == "http" && !isLoopback(p.URL.Hostname()):
			checks = append(checks, Check{Verdict: tui.Warn, Text: fmt.Sprintf("GOPROXY has %s over plain http: others on the network can read what is fetched", mask.URL(p.URL))})
		}
		if p.Kind == proxylist.HTTP && i+1 < len(proxies) && proxies[i+1].Kind == proxylist.HTTP && !p.FallBackOnError {
			checks = append(checks, Check{Verdict: tui.Note,
				Text: fmt.Sprintf("a comma follows %s: while it is down, %s is not asked", mask.URL(p.URL), mask.URL(proxies[i+1].URL)),
				Fix:  "write | instead of the comma, unless the first is there to block modules"})
		}
	}
	return checks
}

// checkVerification finds verification that was switched off, and settings
// that blog posts invented.
func (d *doctor) checkVerification() []Check {
	var checks []Check
	if d.settings.Get("GOSUMDB") == "off" {
		checks = append(checks, Check{Verdict: tui.Warn, Text: d.said("GOSUMDB") + ": new modules are not verified",
			Fix: d.unset("GOSUMDB") + "; name private modules in GOPRIVATE instead"})
	}
	if text, fix := here.Exposed(d.settings); text != "" {
		checks = append(checks, Check{Verdict: tui.Warn, Text: text, Fix: fix})
	}
	for _, s := range []struct{ invented, real string }{{"GOMODPROXY", "GOPROXY"}, {"GONOSUMCHECK", "GONOSUMDB"}, {"GOSUMCHECK", "GOSUMDB"}} {
		if d.settings.Environ(s.invented) != "" {
			checks = append(checks, Check{Verdict: tui.Note, Text: s.invented + " is set, and there is no such setting",
				Fix: "unset " + s.invented + "; see " + s.real + " in go help environment"})
		}
	}
	if v := d.settings.Get("GOINSECURE"); v != "" {
		checks = append(checks, Check{Verdict: tui.Note, Text: d.said("GOINSECURE") + ": certificates of these are not checked"})
	}
	return checks
}

// shadowable are the settings that people write with "go env -w" and then miss.
var shadowable = []string{"GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOFLAGS", "GOAUTH", "GOTOOLCHAIN", "GOMODCACHE", "GOPATH", "GOINSECURE", "GOVCS"}

// checkShadowed finds values of "go env -w" that the environment hides.
func (d *doctor) checkShadowed() []Check {
	var checks []Check
	for _, name := range shadowable {
		written, ok := d.settings.UserFile(name)
		if env := d.settings.Environ(name); ok && env != "" && env != written {
			checks = append(checks, Check{Verdict: tui.Warn,
				Text: fmt.Sprintf("go env -w %s=%s is hidden by the environment, which says %s", name, shown(name, written), shown(name, env)),
				Fix:  "unset " + name + ", or go env -u " + name})
		}
	}
	return checks
}

// checkEnvironment looks at the variables that net/http and crypto/x509 obey.
func (d *doctor) checkEnvironment(context.Context) []Check {
	var checks []Check
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if name != strings.ToUpper(name) && environ.Same(name, strings.ToUpper(name)) {
			continue // Windows has one of the two
		}
		if v := d.Place.Getenv(name); v != "" {
			checks = append(checks, checkProxyVariable(name, v))
		}
	}
	if v := firstSet(d.Place.Getenv, "NO_PROXY", "no_proxy"); v != "" && len(checks) > 0 {
		checks = append(checks, Check{Verdict: tui.OK, Text: "NO_PROXY=" + v})
	}
	if file := d.Place.Getenv("SSL_CERT_FILE"); file != "" {
		checks = append(checks, checkCertFile(file))
	}
	if dirs := d.Place.Getenv("SSL_CERT_DIR"); dirs != "" {
		checks = append(checks, checkCertDirs(dirs))
	}
	if len(checks) == 0 {
		checks = append(checks, Check{Verdict: tui.OK, Text: "no HTTP proxy, and the system's certificates"})
	}
	return checks
}

// checkCertFile: Go reads SSL_CERT_FILE instead of the system's bundle, so a
// file with only the company's own certificate breaks every public host.
func checkCertFile(file string) Check {
	data, err := os.ReadFile(file)
	n := strings.Count(string(data), "-----BEGIN CERTIFICATE-----")
	switch {
	case err != nil:
		return Check{Verdict: tui.Fail, Text: "SSL_CERT_FILE: " + err.Error(), Fix: "unset SSL_CERT_FILE"}
	case n == 0:
		return Check{Verdict: tui.Fail, Text: "SSL_CERT_FILE=" + file + " has no certificate", Fix: "unset SSL_CERT_FILE"}
	case n < 10:
		return Check{Verdict: tui.Warn, Text: fmt.Sprintf("SSL_CERT_FILE=%s has %s, and replaces the system's: public hosts may fail", file, tui.Count(n, "certificate")),
			Fix: "add the company's certificate to the system's store instead"}
	}
	return Check{Verdict: tui.OK, Text: fmt.Sprintf("SSL_CERT_FILE=%s (%s)", file, tui.Count(n, "certificate"))}
}

func checkCertDirs(dirs string) Check {
	for _, dir := range filepath.SplitList(dirs) {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return Check{Verdict: tui.OK, Text: "SSL_CERT_DIR=" + dirs}
		}
	}
	return Check{Verdict: tui.Warn, Text: "SSL_CERT_DIR=" + dirs + " has no files", Fix: "unset SSL_CERT_DIR"}
}

func firstSet(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}
