package faultproxy

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"time"

	"github.com/google/shlex"
)

// A Rule spoils some of the answers to the requests whose path it matches.
type Rule struct {
	Path  string // a pattern: * within a path element, ** across them
	First int    // strike the first n
	From  int    // strike from the n-th on
	Every int    // strike every k-th
	Only  int    // strike the n-th and no other
	For   time.Duration
	// Chance is a probability, drawn from a generator that starts at Seed.
	Chance float64
	Seed   int64
	Each   bool // count each path by itself
	// Rate lets so many a second through, and Burst more at once after a pause.
	Rate  float64
	Burst int
	Fault Fault

	count map[string]int
	began time.Time
	rand  *rand.Rand
	quota float64   // how many may pass
	asOf  time.Time // when that was so; zero: nobody came yet
}

// ParseRules reads rules, one a line, as a path pattern and words behind it, quoted
// as in a shell where they have spaces. Empty lines and lines that begin with # are
// skipped. The first rule that strikes decides.
//
// When (several must all hold; none: always):
//
//	first=N from=N every=N only=N    by count of the requests that the path matches
//	each                             counts are for every path by itself
//	for=DURATION                     from the first request that the path matches
//	chance=0.2 seed=1                at random, but the same at every run
//	rate=20 burst=10                 those beyond 20 a second, 10 more at once after a pause
//
// What (one of):
//
//	status=503            an answer of that status
//	html                  a captive portal's page with status 200
//	hang                  no answer until the client has had enough
//	stall                 half of the body, then nothing
//	drip=N                the right answer, at N bytes a second
//	cut                   Content-Length is right, half of the body comes
//	cut-chunked           no Content-Length, the stream breaks in the middle
//	cut-silent            no Content-Length, the body ends early as if it were whole
//	abort                 HTTP/2: the stream is reset; HTTP/1: the connection is closed
//	reset                 the TCP connection is reset
//	goaway                HTTP/2: GOAWAY, then the connection is closed
//	babble                HTTP/1: what is no HTTP at all, then the connection is closed
//	surplus               HTTP/1: the right answer, and something behind its end
//	flip                  one byte of the body is another, always the same one, as where it is stored so
//	flip=any              some byte is, as where it is damaged on the way
//	drop=WORD             lines of the body that contain WORD are left out
//	instead=PATH          the answer to another path
//	redirect=self         in a circle
//	redirect=BASE         to BASE followed by the path
//	endless               a body that never ends
//	slow                  the right answer, after delay
//
// With it:
//
//	after=N               bytes of body before stall, cut, abort, reset and goaway;
//	                      0: not even a header (zero bytes for cut); else half
//	body=TEXT type=TYPE   of status and html
//	reason=TEXT           behind the status, on HTTP/1; escapes as in a URL: %1b
//	retry-after=S         a header of status
//	header=Name:value     another one
//	delay=DURATION        before anything
func ParseRules(text string) ([]*Rule, error) {
	var rules []*Rule
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule, err := parseRule(line)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseRule(line string) (*Rule, error) {
	words, err := shlex.Split(line)
	if err != nil {
		return nil, err
	}
	rule := &Rule{Path: words[0], count: map[string]int{}, Fault: Fault{After: half}}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		if known, err := rule.setWhen(key, value); err != nil {
			return nil, fmt.Errorf("%s: %w", word, err)
		} else if known {
			continue
		}
		if err := rule.Fault.set(key, value); err != nil {
			return nil, fmt.Errorf("%s: %w", word, err)
		}
	}
	if rule.Fault.Kind == "" {
		return nil, fmt.Errorf("%s: no fault named", line)
	}
	rule.rand = rand.New(rand.NewSource(rule.Seed))
	return rule, nil
}

func (r *Rule) setWhen(key, value string) (known bool, err error) {
	switch key {
	case "first":
		r.First, err = strconv.Atoi(value)
	case "from":
		r.From, err = strconv.Atoi(value)
	case "every":
		r.Every, err = strconv.Atoi(value)
	case "only":
		r.Only, err = strconv.Atoi(value)
	case "for":
		r.For, err = time.ParseDuration(value)
	case "chance":
		r.Chance, err = strconv.ParseFloat(value, 64)
	case "seed":
		r.Seed, err = strconv.ParseInt(value, 10, 64)
	case "rate":
		r.Rate, err = strconv.ParseFloat(value, 64)
	case "burst":
		r.Burst, err = strconv.Atoi(value)
	case "each":
		r.Each = true
	default:
		return false, nil
	}
	return true, err
}

// strikes counts the request and tells whether its answer is to be spoiled.
func (r *Rule) strikes(path string, now time.Time) bool {
	if !matchPath(r.Path, path) {
		return false
	}
	if r.began.IsZero() {
		r.began = now
	}
	key := ""
	if r.Each {
		key = path
	}
	r.count[key]++
	n := r.count[key]
	// The draw comes first, so that the sequence depends on nothing else.
	lucky := r.Chance > 0 && r.rand.Float64() >= r.Chance
	return !lucky &&
		(r.First == 0 || n <= r.First) &&
		n >= r.From &&
		(r.Every == 0 || n%r.Every == 0) &&
		(r.Only == 0 || n == r.Only) &&
		(r.For == 0 || now.Sub(r.began) < r.For) &&
		(r.Rate == 0 || r.exceeds(now))
}

// exceeds takes from the quota, and tells whether there was too little.
func (r *Rule) exceeds(now time.Time) bool {
	most := float64(max(1, r.Burst))
	if r.asOf.IsZero() {
		r.quota = most
	} else {
		r.quota = min(most, r.quota+r.Rate*now.Sub(r.asOf).Seconds())
	}
	r.asOf = now
	if r.quota < 1 {
		return true
	}
	r.quota--
	return false
}

// matchPath tells whether a pattern describes a whole path: ** stands for any text,
// * for any without a slash, everything else for itself.
func matchPath(pattern, path string) bool {
	for len(pattern) > 0 {
		star := strings.IndexByte(pattern, '*')
		if star != 0 {
			if star < 0 {
				return pattern == path
			}
			if !strings.HasPrefix(path, pattern[:star]) {
				return false
			}
			pattern, path = pattern[star:], path[star:]
			continue
		}
		rest, deep := strings.CutPrefix(pattern, "**")
		if !deep {
			rest = pattern[1:]
		}
		for i := 0; ; i++ {
			if matchPath(rest, path[i:]) {
				return true
			}
			if i == len(path) || !deep && path[i] == '/' {
				return false
			}
		}
	}
	return path == ""
}
