// Package classify is the one place that knows what failures of module
// fetches look like.
//
// It reads HTTP results, Go errors and the text that go and git print, and
// yields a [Failure]: a class, whether this failure is transient, the module,
// the host, and advice for a person. It decides nothing about what is done:
// that is the policy's part.
//
// What is not recognised is [NotFetch] and is never touched. A false heal is
// worse than a missed one.
package classify

// A Class is the kind of a failure, one word as it is written in a policy
// file, in the journal and in messages.
type Class string

// Error makes a class a target of [errors.Is].
func (c Class) Error() string { return string(c) }

// The classes, in the order of the table in docs/failures.md.
const (
	DNS              Class = "dns"
	Connect          Class = "connect"
	Timeout          Class = "timeout"
	Reset            Class = "reset"
	Truncated        Class = "truncated"
	HTTP2            Class = "http2"
	TLSHandshake     Class = "tls-handshake"
	ServerError      Class = "server-error"
	RateLimited      Class = "rate-limited"
	NotFound         Class = "not-found"
	Gone             Class = "gone"
	Unauthorized     Class = "unauthorized"
	Forbidden        Class = "forbidden"
	TLSVerify        Class = "tls-verify"
	HTTPProxy        Class = "http-proxy"
	BadContent       Class = "bad-content"
	Checksum         Class = "checksum"
	SumDBUnreachable Class = "sumdb-unreachable"
	SumDBMissing     Class = "sumdb-missing"
	VCSNetwork       Class = "vcs-network"
	VCSAuth          Class = "vcs-auth"
	VCSMissing       Class = "vcs-missing"
	CacheCorrupt     Class = "cache-corrupt"
	CacheIO          Class = "cache-io"
	Toolchain        Class = "toolchain"
	Configuration    Class = "configuration"
	NotFetch         Class = "not-fetch"
)

// NoProtocol is the kind of a failure of which go keeps to itself what git said: it
// has tried out which protocols a repository speaks. Only what was seen beside the text
// tells whether that may pass.
const NoProtocol = "no-protocol"

// NewerVersion is the kind of a failure to get the newest version of a module, at which go
// looks for a deprecation notice, where another one was asked for.
const NewerVersion = "newer-version"

// A Failure is one failure that was met: what it is, and what is known of it. It is an
// error: [errors.Is] with a Class asks what it is, and errors.As finds what [Err] read.
type Failure struct {
	Class     Class
	Kind      string // finer than Class where that matters ("unknown-revision", "empty-go.mod"); may be empty
	Transient bool   // an unchanged retry minutes later plausibly succeeds
	Module    string // module path, "" if unknown
	Version   string // "" if unknown
	Host      string // host[:port] that failed, "" if unknown
	Status    int    // HTTP status, 0 if none
	Evidence  string // the line that decided, without secrets
	Advice    string // what a person should do, one or two plain sentences; may be empty

	cause error // what Err read; nil for text and statuses
}

// Error is the line that decided, or the class where there is none.
func (f Failure) Error() string {
	switch {
	case f.Evidence != "":
		return f.Evidence
	case f.cause != nil:
		return evidence(f.cause.Error())
	}
	return string(f.Class)
}

// Unwrap returns the error that was classified, nil if it was text or a status.
func (f Failure) Unwrap() error { return f.cause }

// Is reports whether target is the failure's class.
func (f Failure) Is(target error) bool { return target == error(f.Class) }

// Unreachable reports whether a failure is one of no network at all, as far as it
// tells: nobody answered.
func (f Failure) Unreachable() bool {
	return f.Status == 0 && (f.Class == DNS || f.Class == Connect || f.Class == HTTPProxy && f.Kind == unreached)
}
