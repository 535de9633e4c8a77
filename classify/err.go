package classify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// Err classifies an error of Go's network packages: by type where there is
// one, by the table where there is only text (HTTP/2, Windows).
func Err(err error) Failure {
	if err == nil || errors.Is(err, context.Canceled) {
		return Failure{Class: NotFetch, cause: err} // who cancels knows why
	}
	f := errFailure(err)
	f.cause = err
	f.Evidence = evidence(err.Error())
	f.Advice = advise(f)
	return f
}

func errFailure(err error) Failure {
	var refusal *ProxyRefusal
	var op *net.OpError
	switch {
	case errors.As(err, &refusal):
		return Failure{Class: HTTPProxy, Status: refusal.Status, Transient: refusal.passes()}
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return proxyConnect(errFailure(op.Err))
	}
	f := Failure{Class: errClass(err)}
	switch f.Class {
	case "":
		return errText(err.Error())
	case TLSVerify:
		if _, ok := ValidSoon(err); ok {
			f.Kind, f.Transient = "not-yet-valid", true
		}
	case Configuration:
	default:
		f.Transient = true
	}
	return f
}

func errClass(err error) Class {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return DNS
	}
	var address *net.AddrError
	if errors.As(err, &address) && address.Err == "invalid port" {
		return Configuration // net/url takes any number for one
	}
	if certificate(err) {
		return TLSVerify
	}
	for _, known := range errTypes {
		if errors.Is(err, known.err) {
			return known.class
		}
	}
	return ""
}

// certificate reports whether the TLS peer is not who it has to be, or does
// not speak TLS at all.
func certificate(err error) bool {
	var (
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		roots     x509.SystemRootsError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &roots)
}

var errTypes = []struct {
	err   error
	class Class
}{
	{syscall.ECONNRESET, Reset},
	{syscall.EPIPE, Reset},
	{syscall.ECONNABORTED, Reset},
	{net.ErrClosed, Reset},
	{syscall.ECONNREFUSED, Connect},
	{syscall.ENETUNREACH, Connect},
	{syscall.EHOSTUNREACH, Connect},
	{syscall.EADDRNOTAVAIL, Connect},
	{syscall.ENETDOWN, Connect},
	{syscall.ETIMEDOUT, Timeout},
	{context.DeadlineExceeded, Timeout},
	{os.ErrDeadlineExceeded, Timeout},
	{io.ErrUnexpectedEOF, Truncated}, // last: other errors wrap an end of file
	{io.EOF, Truncated},
}

// errText reads an error that only its words tell. What is not known is a
// connection that broke in a way of its own.
func errText(text string) Failure {
	s := &statement{text: "go: " + text, lines: []int{0}}
	s.take(0)
	if got, ok := s.read(); ok {
		return got.Failure
	}
	return Failure{Class: Reset, Kind: "unknown", Transient: true}
}
