package classify

import (
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"
)

// unreached is the kind of a failure of an HTTP proxy to which no connection came
// about.
const unreached = "unreached"

// Downgrade is the kind of a redirect from https to plain http. Unlike a page, it comes with
// the server's certificate: no portal on the way has sent it.
const Downgrade = "downgrade"

// Behind is the kind of a refusal by a host to which a proxy had led by a redirect.
const Behind = "behind-redirect"

// BehindRedirect is the failure as that of a host to which a proxy had led. Its
// refusal is not the proxy's word: the address was signed for a while, or for those
// who come by other addresses, and the proxy signs the next one anew.
func (f Failure) BehindRedirect() Failure {
	switch f.Status {
	case 400: // of a signature that is too old
		f.Class = Forbidden
	case 401, 403:
	default:
		return f
	}
	f.Kind, f.Transient = Behind, true
	f.Advice = advise(f)
	return f
}

// A ProxyRefusal is an HTTP proxy's answer to CONNECT that is no success. net/http
// keeps its words alone, and these are no evidence: a proxy may choose them.
type ProxyRefusal struct {
	Status int
	Text   string // as net/http reports it
}

func (p *ProxyRefusal) Error() string { return p.Text }

// passes reports whether the proxy tells of trouble, its own or that of the way
// beyond it, and not that it will not.
func (p *ProxyRefusal) passes() bool {
	_, transient := statusClass(p.Status, words{})
	return transient && (p.Status == 429 || p.Status == 408 || p.Status >= 500)
}

// proxyConnect is the failure of the way to an HTTP proxy: it passes where the same
// would pass on the way to a server.
func proxyConnect(inner Failure) Failure {
	f := Failure{Class: HTTPProxy, Transient: inner.Transient && slices.Contains(onTheWay, inner.Class)}
	if inner.Unreachable() {
		f.Kind = unreached
	}
	return f
}

// soon is how far a clock may be behind that of who issues certificates.
const soon = time.Minute

// ValidSoon reports in how long a certificate is valid that was refused since it is
// not yet; ok is false for any other error, and where that is not soon.
func ValidSoon(err error) (in time.Duration, ok bool) {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired || invalid.Cert == nil {
		return 0, false
	}
	in = time.Until(invalid.Cert.NotBefore)
	return in, in > 0 && in < soon
}

// validSoon reads the same in x509's words.
func validSoon(text string) bool {
	_, rest, ok := strings.Cut(text, "current time ")
	if !ok {
		return false
	}
	now, rest, _ := strings.Cut(rest, " is before ")
	valid, _, _ := strings.Cut(rest, " ")
	at, err1 := time.Parse(time.RFC3339, now)
	from, err2 := time.Parse(time.RFC3339, strings.TrimRight(valid, `"`))
	return err1 == nil && err2 == nil && from.After(at) && from.Sub(at) < soon
}

// passing corrects whether a failure is transient where the signature that decided
// does not tell by itself.
func (s *statement) passing(f *Failure, h hit) {
	switch rest := s.lineOf(h.start); f.Class {
	case HTTPProxy:
		if text := signatures()[h.id].text; text == "proxyconnect tcp" || text == "socks connect" {
			of := proxyConnect(s.within(h))
			f.Kind, f.Transient = of.Kind, of.Transient
		} else if code, ok := connectStatus(rest); ok {
			f.Transient = (&ProxyRefusal{Status: code}).passes()
		}
	case TLSVerify:
		if validSoon(rest) {
			f.Kind, f.Transient = "not-yet-valid", true
		}
	case CacheIO:
		// Of renaming alone: what may not be opened is another user's.
		if f.Kind == "permission" && denied(h) && renames(s.text[:h.start]) {
			f.Kind, f.Transient = "lock", true
		}
	}
}

// within is the failure below HTTP that stands behind a hit.
func (s *statement) within(h hit) (f Failure) {
	for _, in := range s.hits {
		sig := &signatures()[in.id]
		if in.start < h.end || !slices.Contains(onTheWay, sig.class) || !s.applies(in) {
			continue
		}
		f = Failure{Class: sig.class, Transient: sig.retry}
		if s.has(signLookup, in.start) {
			f.Class = DNS
		}
		if sig.role != shape {
			break
		}
	}
	return f
}

// connectStatus reads the status of a CONNECT in git's words.
func connectStatus(line string) (int, bool) {
	for _, before := range []string{"HTTP code ", "failed, response "} {
		if _, rest, ok := strings.Cut(line, before); ok {
			return statusCode(rest[:min(len(rest), 3)])
		}
	}
	return 0, false
}

// denied reports whether a hit is Windows' word for a file that something holds
// open, or that belongs to another user: it has one for both.
func denied(h hit) bool { return signatures()[h.id].text == "Access is denied" }

// renames reports whether a text ends in what os.Rename failed with: the names of
// what was to be put into place, and of that place.
func renames(text string) bool {
	names, ok := strings.CutSuffix(text, ": ")
	at := strings.LastIndex(names, "rename ")
	return ok && at >= 0 && !strings.Contains(names[at:], ": ")
}
