package classify

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// noise is output that has nothing to do with fetching.
var noise = []string{
	"Run make build\n##[group]Prepare\n##[endgroup]\n",
	"Step 3/12 : COPY . .\n ---> 5ff64f5da188\nRemoving intermediate container 6fd0a18dac6a\n",
	"go: downloading github.com/spf13/cobra v1.8.0\ngo: downloading github.com/spf13/pflag v1.0.5\n",
	"ok  \tgithub.com/acme/other/a\t0.012s\n?   \tgithub.com/acme/other/b\t[no test files]\n",
	"=== RUN   TestA\n    a_test.go:12: dial tcp 127.0.0.1:5: connect: connection refused\n--- PASS: TestA (0.00s)\nPASS\nok  \tgithub.com/acme/other/c\t0.3s\n",
	"--- FAIL: TestB (0.00s)\n    b_test.go:9: Get \"http://127.0.0.1:1\": unexpected EOF\nFAIL\nFAIL\tgithub.com/acme/other/d\t0.1s\nFAIL\n",
	"# github.com/acme/other/e\n./e.go:12:3: undefined: foo\n",
	"npm ERR! code ECONNRESET\nnpm ERR! network request to https://registry.npmjs.org/x failed, reason: read ECONNRESET\n",
	"E: Failed to fetch http://deb.debian.org/debian/dists/x  404  Not Found [IP: 151.101.2.132 80]\n",
	"Unable to connect to the server: dial tcp 10.96.0.1:443: i/o timeout\n",
	"{\"level\":\"info\",\"msg\":\"listening\",\"addr\":\":8080\"}\n",
	"W: some warning\n\n\n",
	strings.Repeat("x", 300) + "\n",
}

// embed puts a text into noise, a blank line apart as CI steps are.
func embed(text string, r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(noise[r.IntN(len(noise))])
	}
	b.WriteString("\n" + strings.TrimRight(text, "\n") + "\n\n")
	for range r.IntN(4) {
		b.WriteString(noise[r.IntN(len(noise))])
	}
	return b.String()
}

// dressings are what consoles, CIs and people do to every line of a log.
var dressings = []struct {
	name string
	line func(string) string
}{
	{"an image build", func(s string) string { return "#10 5.897 " + s }},
	{"a classic image build", func(s string) string { return "2.588 " + s }},
	{"GitHub Actions", func(s string) string { return "2026-05-04T11:22:33.1234567Z " + s }},
	{"gh run view", func(s string) string { return "build\tgo build\t2026-05-04T11:22:33.1234567Z " + s }},
	{"GitLab", func(s string) string { return "2026-05-04T11:22:33.123456Z 01O " + s }},
	{"Jenkins", func(s string) string { return "[2026-05-04T11:22:33.123Z] " + s }},
	{"a wall clock", func(s string) string { return "11:22:33 " + s }},
	{"a date and a time", func(s string) string { return "2026-05-04 11:22:33 " + s }},
	{"docker compose", func(s string) string { return "app-1  | " + s }},
	{"a quotation", func(s string) string { return "> " + s }},
	{"colours", func(s string) string { return "\x1b[31m" + s + "\x1b[0m" }},
	{"carriage returns", func(s string) string { return s + "\r" }},
	{"an overwritten line", func(s string) string { return "working… 10%\r" + s }},
	{"a frame", func(s string) string { return "    │ " + s }},
	{"a label", func(s string) string { return "stderr: " + s }},
	{"an indentation", func(s string) string { return "      " + s }},
}

func dress(text string, line func(string) string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = line(lines[i])
	}
	return strings.Join(lines, "\n") + "\n"
}

// wholeOnly are texts that say what they are only where nothing is around
// them: the exit status of a program, a bare error.
func wholeOnly(s sample) bool {
	return strings.Contains(s.name, "rungone") || strings.Contains(s.name, "F126")
}

// everything is all texts, with what Text says of each by itself.
func everything(t testing.TB) []sample { return append(training(t), heldOut(t)...) }

func same(a, b Failure) bool {
	return a.Class == b.Class && a.Transient == b.Transient && a.Module == b.Module
}

func describe(f Failure) string {
	return fmt.Sprintf("%s (transient %v, module %q: %s)", f.Class, f.Transient, f.Module, f.Evidence)
}

func TestNoiseChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	wrong, all := 0, 0
	for _, s := range everything(t) {
		if wholeOnly(s) {
			continue
		}
		alone := first(s.text)
		for range 8 {
			all++
			text := embed(s.text, r)
			if got := first(text); got.Class != alone.Class || got.Transient != alone.Transient {
				if wrong++; wrong <= 5 {
					t.Errorf("%s: alone %s, embedded %s in:\n%s", s.name, describe(alone), describe(got), text)
				}
			}
		}
	}
	t.Logf("%d of %d changed", wrong, all)
}

func TestDressingChangesNothing(t *testing.T) {
	for _, d := range dressings {
		wrong, all := 0, 0
		for _, s := range everything(t) {
			all++
			alone, got := first(s.text), first(dress(s.text, d.line))
			if !same(alone, got) {
				if wrong++; wrong <= 3 {
					t.Errorf("%s, %s: alone %s, dressed %s:\n%s", d.name, s.name, describe(alone), describe(got), s.text)
				}
			}
		}
		if wrong > 0 {
			t.Errorf("%s: %d of %d changed", d.name, wrong, all)
		}
	}
}

// columns are what a tool nobody knows puts before every line: only that all
// lines have it tells. dockerJSON is the file a container's runtime writes.
var columns = []struct {
	name string
	line func(string) string
}{
	{"syslog", func(s string) string { return "May  4 11:22:33 ci-host-1 build[812]: " + s }},
	{"klog", func(s string) string { return "E0504 11:22:33.123456   12345 build.go:12] " + s }},
	{"a worker", func(s string) string { return "builder 5/6 | " + s }},
	{"ant", func(s string) string { return "    [junit] " + s }},
	{"a container", dockerJSON},
}

func dockerJSON(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(s)
	return `{"log":"` + s + `\n","stream":"stderr","time":"2026-05-04T11:22:33.123456789Z"}`
}

func TestColumnsChangeLittle(t *testing.T) {
	for _, c := range columns {
		wrong, all := 0, 0
		for _, s := range everything(t) {
			if strings.Count(strings.TrimSpace(s.text), "\n") == 0 || testEvent(s.text) || wholeOnly(s) {
				continue
			}
			all++
			alone, got := first(s.text), first(dress(s.text, c.line))
			if s.negative() && got.Class != NotFetch && alone.Class == NotFetch {
				t.Errorf("%s, %s: %s in:\n%s", c.name, s.name, describe(got), s.text)
			}
			if got.Class != alone.Class || got.Transient != alone.Transient {
				wrong++
				t.Logf("%s, %s: alone %s, with it %s", c.name, s.name, describe(alone), describe(got))
			}
		}
		t.Logf("%s: %d of %d changed", c.name, wrong, all)
		if wrong*100 > all {
			t.Errorf("%s: %d of %d changed", c.name, wrong, all)
		}
	}
}

func TestLoggedMessages(t *testing.T) {
	const said = `Get "https://proxy.golang.org/a.b/c/@v/v1.0.0.mod": dial tcp: lookup proxy.golang.org: no such host`
	quoted := strings.ReplaceAll(said, `"`, `\"`)
	for _, text := range []string{
		`{"level":"error","ts":1.5,"msg":"go: a.b/c@v1.0.0: ` + quoted + `"}`,
		`{"level":"error","msg":"could not build","error":"go: a.b/c@v1.0.0: ` + quoted + `","pid":7}`,
		`{"stderr":"go: downloading a.b/d v1.0.0\ngo: a.b/c@v1.0.0: ` + quoted + `\n","code":1}`,
	} {
		if got := first(text); got.Class != DNS || got.Module != "a.b/c" || got.Host != "proxy.golang.org" {
			t.Errorf("%s host %q in:\n%s", describe(got), got.Host, text)
		}
	}
}

// TestWrappingChangesLittle breaks every line at a column, as consoles do. What
// stood at the break cannot always be restored, so that some may be lost; none
// may be invented.
func TestWrappingChangesLittle(t *testing.T) {
	for _, width := range []int{80, 100, 120} {
		wrong, all := 0, 0
		for _, s := range everything(t) {
			if testEvent(s.text) {
				continue // no console shows JSON to a person
			}
			alone, got := first(s.text), first(wrap(s.text, width))
			if s.negative() && got.Class != NotFetch && alone.Class == NotFetch {
				t.Errorf("width %d, %s: %s", width, s.name, describe(got))
			}
			if s.negative() {
				continue
			}
			if all++; got.Class != alone.Class || got.Transient != alone.Transient {
				wrong++
				t.Logf("width %d, %s: alone %s, wrapped %s", width, s.name, describe(alone), describe(got))
			}
		}
		t.Logf("width %d: %d of %d changed", width, wrong, all)
		if wrong*100 > all*4 {
			t.Errorf("width %d: %d of %d changed", width, wrong, all)
		}
	}
}

func wrap(text string, width int) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		for l = strings.TrimRight(l, "\n"); len(l) > width; l = l[width:] {
			b.WriteString(l[:width] + "\n")
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

// TestTestOutputIsLeftAlone lets tests of the user print each text: then none
// of it is a failure.
func TestTestOutputIsLeftAlone(t *testing.T) {
	for _, s := range training(t) {
		if strings.Contains(s.text, "\n\n") || strings.Contains(s.text, "FAIL") {
			continue // a test's output has no blank line that would end it
		}
		body := strings.TrimRight(s.text, "\n")
		for name, text := range map[string]string{
			"t.Fatal":    "--- FAIL: TestX (0.00s)\n    x_test.go:12: " + strings.ReplaceAll(body, "\n", "\n        ") + "\nFAIL\nFAIL\texample.org/app\t0.005s\nFAIL\n",
			"stdout, -v": "=== RUN   TestX\n" + body + "\n--- FAIL: TestX (0.00s)\nFAIL\nFAIL\texample.org/app\t0.005s\n",
		} {
			if got := first(text); got.Class != NotFetch {
				t.Errorf("%s, %s: %s in:\n%s", name, s.name, describe(got), text)
			}
		}
	}
}

// TestLargeLogs bounds the time for megabytes. The bound is generous, for slow
// and busy machines; the benchmark says what it is.
func TestLargeLogs(t *testing.T) {
	for name, unit := range map[string]string{
		"a quiet build": strings.Join(noise, ""),
		"all failures":  "go: github.com/acme/widget@v1.4.2: Get \"https://proxy.golang.org/github.com/acme/widget/@v/v1.4.2.mod\": dial tcp: lookup proxy.golang.org on 127.0.0.11:53: server misbehaving\n",
		"one long line": "go: github.com/acme/widget@v1.4.2: reading https://x/@v/",
		"open heads":    "main.go:3:8: github.com/acme/widget@v1.4.2:\n",
		"half a prefix": "[[[[[[[[ 12:12: #1 #1 #1 > > > | | | ",
		"versions":      "a.b/c@v1.2.3 ",
		"continuations": "go: x.y/z@v1.0.0: git ls-remote -q origin in /cache/vcs/1: exit status 128:\n\tfatal: early EOF\n\tfatal: x\n",
	} {
		log := strings.Repeat(unit, 4<<20/len(unit))
		begun := cpuTime()
		Text(log)
		Live(log)
		if took := cpuTime() - begun; took > 5*time.Second {
			t.Errorf("%s: %v for 4 MiB", name, took)
		} else {
			t.Logf("%s: %v for 4 MiB", name, took)
		}
	}
}

func BenchmarkText10MB(b *testing.B) {
	failure := "go: github.com/acme/widget@v1.4.2: reading https://proxy.golang.org/github.com/acme/widget/@v/v1.4.2.zip: 503 Service Unavailable\n\tserver response: down\n\n"
	unit := strings.Join(noise, "") + strings.Repeat("2026-05-04T11:22:33.1234567Z /usr/bin/gcc -c -O2 -o build/x.o src/x.c -Wall -Wextra -Iinclude\n", 200)
	log := strings.Repeat(unit, 10<<20/len(unit)) + failure
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if first(log).Class != ServerError {
			b.Fatal("not found")
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range noise {
		f.Add(s, uint8(0))
	}
	for i, s := range everything(f) {
		f.Add(s.text, uint8(i))
	}
	f.Add("go: a.b/c@v1.0.0: Get \"https://p.q/a.b/c/@v/v1.0.0.mod\": EOF\n", uint8(3))
	f.Add("verifying a.b/c@v1.0.0: checksum mismatch\n\tdownloaded: h1:x\n", uint8(7))
	f.Fuzz(func(t *testing.T, text string, seed uint8) {
		alone := Text(text)
		Live(text)
		Err(fmt.Errorf("%s", text))
		HTTP(int(seed)*3, text, seed%2 == 0)
		for _, found := range alone {
			if _, _, ok := Lookup(string(found.Class)); !ok || found.Class == NotFetch {
				t.Errorf("class %q", found.Class)
			}
			if len(found.Evidence) > mostEvidence+300 {
				t.Errorf("evidence of %d bytes", len(found.Evidence))
			}
		}
		// What is around a text, a blank line apart, does not change its class.
		quiet := "ok  \texample.org/x\t0.1s\n\n"
		if len(alone) > 0 && alone[0].Kind != "bare" && !strings.Contains(text, "\r") {
			around := Text(quiet + text + "\n\n" + quiet)
			if len(around) == 0 || around[0].Class != alone[0].Class {
				t.Errorf("alone %v, with noise around %v", alone, around)
			}
		}
	})
}
