package steady

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/wording"
)

// checkSettings finds Go settings that hurt.
func (d *doctor) checkSettings(context.Context) []check {
	checks := d.checkProxyList()
	checks = append(checks, d.checkVerification()...)
	checks = append(checks, d.checkShadowed()...)
	if mode := d.settings.Get("GO111MODULE"); mode != "" && mode != "on" {
		verdict := warning
		if mode != "off" && mode != "auto" {
			verdict = failing
		}
		checks = append(checks, check{Verdict: verdict, Text: d.said("GO111MODULE"), Fix: d.unset("GO111MODULE")})
	}
	flags, err := goenv.SplitFlags(d.settings.Get("GOFLAGS"))
	if err != nil {
		checks = append(checks, check{Verdict: failing, Text: "GOFLAGS: " + err.Error(), Fix: d.unset("GOFLAGS")})
	}
	for _, flag := range flags {
		if strings.TrimLeft(flag, "-") == "mod=mod" {
			checks = append(checks, check{Verdict: note, Text: "GOFLAGS has -mod=mod: builds may change go.mod, and vendor directories are ignored"})
		}
	}
	return checks
}

// said is a setting as it is, with where it comes from.
func (d *doctor) said(name string) string {
	return fmt.Sprintf("%s=%s (%s)", name, redactURLs(d.settings.Get(name)), d.settings.Origin(name))
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
func (d *doctor) checkProxyList() []check {
	list := d.settings.Get("GOPROXY")
	proxies, err := proxylist.Parse(list)
	if err != nil {
		return []check{{Verdict: failing, Text: "GOPROXY: " + err.Error(), Fix: "go env -w GOPROXY=https://proxy.golang.org,direct"}}
	}
	checks := []check{{Verdict: fine, Text: d.said("GOPROXY")}}
	entries := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' || r == ' ' })
	if len(entries) > len(proxies) {
		checks = append(checks, check{Verdict: warning,
			Text: fmt.Sprintf("what follows %q in GOPROXY is never asked", proxies[len(proxies)-1].Raw), Fix: "move it before that word, or drop it"})
	}
	for i, p := range proxies {
		switch {
		case p.Kind == proxylist.HTTP && !strings.Contains(p.Raw, "://"):
			checks = append(checks, check{Verdict: note, Text: fmt.Sprintf("GOPROXY has %q without a scheme: go assumes https", p.Raw)})
		case p.Kind == proxylist.HTTP && p.URL.Scheme == "http" && !isLoopback(p.URL.Hostname()):
			checks = append(checks, check{Verdict: warning, Text: fmt.Sprintf("GOPROXY has %s over plain http: what is fetched and asked can be read on the way", p.URL.Redacted())})
		}
		if p.Kind == proxylist.HTTP && i+1 < len(proxies) && proxies[i+1].Kind == proxylist.HTTP && !p.FallBackOnError {
			checks = append(checks, check{Verdict: note,
				Text: fmt.Sprintf("a comma follows %s: while it is down, %s is not asked", p.URL.Redacted(), proxies[i+1].URL.Redacted()),
				Fix:  "write | instead of the comma, unless the first is there to block modules"})
		}
	}
	return checks
}

// checkVerification finds verification that was switched off, and settings
// that blog posts invented.
func (d *doctor) checkVerification() []check {
	var checks []check
	if d.settings.Get("GOSUMDB") == "off" {
		checks = append(checks, check{Verdict: warning, Text: d.said("GOSUMDB") + ": new modules are not verified",
			Fix: d.unset("GOSUMDB") + "; name private modules in GOPRIVATE instead"})
	}
	for name, instead := range map[string]string{"GONOSUMCHECK": "GONOSUMDB", "GOSUMCHECK": "GOSUMDB", "GOMODPROXY": "GOPROXY"} {
		if d.settings.Environ(name) != "" {
			checks = append(checks, check{Verdict: note, Text: name + " is set, and there is no such setting", Fix: "unset " + name + "; see " + instead + " in go help environment"})
		}
	}
	if v := d.settings.Get("GOINSECURE"); v != "" {
		checks = append(checks, check{Verdict: note, Text: d.said("GOINSECURE") + ": certificates of these are not checked"})
	}
	return checks
}

// shadowable are the settings that people write with "go env -w" and then miss.
var shadowable = []string{"GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOFLAGS", "GOAUTH", "GOTOOLCHAIN", "GOMODCACHE", "GOPATH", "GOINSECURE", "GOVCS"}

// checkShadowed finds values of "go env -w" that the environment hides.
func (d *doctor) checkShadowed() []check {
	var checks []check
	for _, name := range shadowable {
		written, ok := d.settings.UserFile(name)
		if env := d.settings.Environ(name); ok && env != "" && env != written {
			checks = append(checks, check{Verdict: warning,
				Text: fmt.Sprintf("go env -w %s=%s is hidden by the environment, which says %s", name, redactURLs(written), redactURLs(env)),
				Fix:  "unset " + name + ", or go env -u " + name})
		}
	}
	return checks
}

// checkEnvironment looks at the variables that net/http and crypto/x509 obey.
func (d *doctor) checkEnvironment(context.Context) []check {
	var checks []check
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if v := d.app.Getenv(name); v != "" {
			checks = append(checks, checkProxyVariable(name, v))
		}
	}
	if v := firstSet(d.app.Getenv, "NO_PROXY", "no_proxy"); v != "" && len(checks) > 0 {
		checks = append(checks, check{Verdict: fine, Text: "NO_PROXY=" + v})
	}
	if file := d.app.Getenv("SSL_CERT_FILE"); file != "" {
		checks = append(checks, checkCertFile(file))
	}
	if dirs := d.app.Getenv("SSL_CERT_DIR"); dirs != "" {
		checks = append(checks, checkCertDirs(dirs))
	}
	if len(checks) == 0 {
		checks = append(checks, check{Verdict: fine, Text: "no HTTP proxy, and the system's certificates"})
	}
	return checks
}

// checkCertFile: Go reads SSL_CERT_FILE instead of the system's bundle, so a
// file with only the company's own certificate breaks every public host.
func checkCertFile(file string) check {
	data, err := os.ReadFile(file)
	n := strings.Count(string(data), "-----BEGIN CERTIFICATE-----")
	switch {
	case err != nil:
		return check{Verdict: failing, Text: "SSL_CERT_FILE: " + err.Error(), Fix: "unset SSL_CERT_FILE"}
	case n == 0:
		return check{Verdict: failing, Text: "SSL_CERT_FILE=" + file + " has no certificate", Fix: "unset SSL_CERT_FILE"}
	case n < 10:
		return check{Verdict: warning, Text: fmt.Sprintf("SSL_CERT_FILE=%s has %s, and replaces the system's: public hosts may fail", file, wording.Count(n, "certificate")),
			Fix: "add the company's certificate to the system's store instead"}
	}
	return check{Verdict: fine, Text: fmt.Sprintf("SSL_CERT_FILE=%s (%s)", file, wording.Count(n, "certificate"))}
}

func checkCertDirs(dirs string) check {
	for _, dir := range strings.Split(dirs, ":") {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return check{Verdict: fine, Text: "SSL_CERT_DIR=" + dirs}
		}
	}
	return check{Verdict: warning, Text: "SSL_CERT_DIR=" + dirs + " has no files", Fix: "unset SSL_CERT_DIR"}
}

func firstSet(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}
