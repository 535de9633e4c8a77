package classify

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// A sample is a text with what it is.
type sample struct {
	name      string
	text      string
	classes   []Class // the right one first, then acceptable ones
	transient bool
	open      bool // the text alone cannot decide whether it is transient
	module    string
	host      string
}

// corpusClasses are gosteady's classes for those of the training texts. Where
// a failure can lie in the answer or in the cache, either will do.
var corpusClasses = map[string][]Class{
	"gone-410":                {Gone},
	"not-found-404":           {NotFound},
	"unknown-revision":        {NotFound},
	"invalid-version":         {NotFound},
	"module-path-mismatch":    {NotFound},
	"forbidden-403":           {Forbidden},
	"unauthorized-401":        {Unauthorized},
	"rate-limited-429":        {RateLimited},
	"server-5xx":              {ServerError},
	"request-timeout-408":     {ServerError},
	"dns":                     {DNS},
	"connect-refused":         {Connect},
	"network-unreachable":     {Connect},
	"connect-timeout":         {Timeout},
	"connection-reset":        {Reset},
	"unexpected-eof":          {Truncated},
	"http2-stream":            {HTTP2},
	"tls-handshake-timeout":   {TLSHandshake},
	"tls-verify":              {TLSVerify},
	"http-proxy":              {HTTPProxy},
	"vcs-network":             {VCSNetwork},
	"vcs-auth":                {VCSAuth},
	"vcs-missing":             {VCSMissing},
	"vcs-disallowed":          {VCSMissing},
	"corrupt-zip":             {BadContent, CacheCorrupt},
	"captive-portal/html":     {BadContent, CacheCorrupt},
	"checksum-mismatch-gosum": {Checksum},
	"checksum-mismatch-sumdb": {Checksum},
	"sumdb-unreachable":       {SumDBUnreachable},
	"sumdb-missing":           {SumDBMissing},
	"cache-permission":        {CacheIO},
	"cache-lock":              {CacheIO},
	"disk-full":               {CacheIO},
	"toolchain-download":      {Toolchain},
	"proxy-off":               {Configuration},
	"offline-vendor":          {Configuration},
	"invalid-go-import":       {Configuration},
	"retracted/deprecated":    {Configuration},
}

func trainingClasses(t testing.TB, word string) []Class {
	if strings.HasPrefix(word, "negative-") {
		return []Class{NotFetch}
	}
	classes, ok := corpusClasses[word]
	if !ok {
		t.Fatalf("no class for %q", word)
	}
	return classes
}

// training reads the texts that the table was made from.
func training(t testing.TB) []sample {
	data, err := os.ReadFile("testdata/train.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for l := range strings.Lines(string(data)) {
		var d struct {
			ID, Class, Module, Text, Source string
			Host                            string `json:"url_or_host"`
			Alt                             []string
			Transient, Ambiguous            bool
		}
		if err := json.Unmarshal([]byte(l), &d); err != nil {
			t.Fatal(err)
		}
		s := sample{name: d.ID + " " + d.Class + " " + d.Source, text: d.Text, transient: d.Transient, open: d.Ambiguous, module: d.Module, host: d.Host}
		for _, word := range append([]string{d.Class}, d.Alt...) {
			s.classes = append(s.classes, trainingClasses(t, word)...)
		}
		samples = append(samples, s)
	}
	return samples
}

// heldOut reads texts that were written down before the table met them; the
// file says how it did at first sight.
func heldOut(t testing.TB) []sample {
	file, err := os.Open("testdata/heldout.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var samples []sample
	for scan := bufio.NewScanner(file); scan.Scan(); {
		l := scan.Text()
		if header, ok := strings.CutPrefix(l, "== "); ok {
			samples = append(samples, heading(t, header))
			continue
		}
		if n := len(samples); n > 0 {
			samples[n-1].text += l + "\n"
		}
	}
	return samples
}

func heading(t testing.TB, header string) sample {
	field := strings.Split(header, "|")
	if len(field) != 6 {
		t.Fatalf("header %q has %d fields", header, len(field))
	}
	for i := range field {
		field[i] = strings.TrimSpace(field[i])
	}
	s := sample{name: field[0] + " " + field[5], transient: field[1] == "true", module: field[2], host: field[3]}
	for word := range strings.SplitSeq(field[0]+","+field[4], ",") {
		if word == "" {
			continue
		}
		if _, _, ok := Lookup(word); !ok {
			t.Fatalf("unknown class %q", word)
		}
		s.classes = append(s.classes, Class(word))
	}
	return s
}

func (s sample) negative() bool { return s.classes[0] == NotFetch }

// first returns what Text finds most decisive.
func first(text string) Failure {
	if found := Text(text); len(found) > 0 {
		return found[0]
	}
	return Failure{Class: NotFetch}
}

// A score counts agreement.
type score struct{ all, class, retry, module, modules, host, hosts, negatives, left int }

// judge compares every sample with what Text says, and reports differences.
func judge(t *testing.T, samples []sample) score {
	var n score
	for _, s := range samples {
		got := first(s.text)
		right := slices.Contains(s.classes, got.Class)
		n.all++
		if s.negative() {
			n.negatives++
			if right {
				n.left++
			}
		}
		if right {
			n.class++
		} else {
			t.Logf("%s:\n\tgot %s (%s), want %v\n\t%s", s.name, got.Class, got.Evidence, s.classes, strings.ReplaceAll(strings.TrimSpace(s.text), "\n", "\n\t"))
		}
		if got.Transient == s.transient || s.open {
			n.retry++
		} else {
			t.Logf("%s: transient %v, want %v (%s: %s)", s.name, got.Transient, s.transient, got.Class, got.Evidence)
		}
		if got.Class != NotFetch {
			n.subject(t, s, got)
		}
	}
	return n
}

func (n *score) subject(t *testing.T, s sample, got Failure) {
	name := got.Module
	if got.Version != "" {
		name += "@" + got.Version
	}
	if s.module != "" {
		n.modules++
		if name == s.module {
			n.module++
		} else {
			t.Logf("%s: module %q, want %q", s.name, name, s.module)
		}
	}
	if s.host != "" {
		n.hosts++
		if got.Host == s.host {
			n.host++
		} else {
			t.Logf("%s: host %q, want %q", s.name, got.Host, s.host)
		}
	}
}

func (n score) report(t *testing.T, name string) {
	t.Logf("%s: class %d/%d, transient %d/%d, module %d/%d, host %d/%d, negatives left alone %d/%d",
		name, n.class, n.all, n.retry, n.all, n.module, n.modules, n.host, n.hosts, n.left, n.negatives)
}

func TestScore(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []sample
	}{
		{"training", training(t)},
		{"held out", heldOut(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := judge(t, c.samples)
			n.report(t, c.name)
			if n.class*100 < n.all*97 || n.retry*100 < n.all*97 {
				t.Error("agreement has slipped below 97 %")
			}
			if n.left != n.negatives {
				t.Error("a text without failed fetch was taken for one")
			}
		})
	}
}
