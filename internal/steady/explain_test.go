package steady

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gosteady/gosteady/internal/here"
)

// explainRun runs "explain" in an empty directory, without any policy.
func explainRun(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	dir := t.TempDir()
	app := &App{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut, Place: here.Place{Dir: dir, Env: []string{"HOME=" + dir, "GOENV=off", "PATH="}}}
	status = app.Run(append([]string{"explain"}, args...))
	return status, out.String(), errOut.String()
}

const (
	resetLog  = "go: golang.org/x/text@v0.3.2: read \"https://proxy.golang.org/golang.org/x/text/@v/v0.3.2.zip\": stream error: stream ID 7; INTERNAL_ERROR; received from peer\n"
	deniedLog = "go: git.corp.example/a/b@v1.0.0: reading https://me:hunter2@goproxy.corp.example:8443/git.corp.example/a/b/@v/v1.0.0.mod: 401 Unauthorized\n"
)

func TestExplainStatusTellsWhetherToRunAgain(t *testing.T) {
	for _, c := range []struct {
		name, log string
		want      int
	}{
		{"nothing failed", "ok  \texample.com/a\t0.01s\n", 0},
		{"nothing at all", "", 0},
		{"transient only", resetLog, 75},
		{"permanent only", deniedLog, 1},
		{"both", resetLog + deniedLog, 1},
	} {
		for _, args := range [][]string{nil, {"--json"}} {
			if got, _, stderr := explainRun(t, c.log, args...); got != c.want || stderr != "" {
				t.Errorf("%s %v: status %d, want %d (%s)", c.name, args, got, c.want, stderr)
			}
		}
	}
}

func TestExplainJSONIsOneObjectALine(t *testing.T) {
	_, out, _ := explainRun(t, deniedLog+resetLog, "--json")
	var got []explanation
	for l := range strings.Lines(out) {
		var e explanation
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		got = append(got, e)
	}
	if len(got) != 2 || got[0].Class != "unauthorized" || got[1].Class != "http2" {
		t.Fatalf("got %+v", got)
	}
	if got[0].Host != "goproxy.corp.example:8443" || got[0].Module != "git.corp.example/a/b@v1.0.0" || got[0].Transient {
		t.Errorf("got %+v", got[0])
	}
	if strings.Join(got[1].Actions, ",") != "retry" || !got[1].Transient || got[1].Advice == "" || !strings.Contains(got[1].Evidence, "INTERNAL_ERROR") {
		t.Errorf("got %+v", got[1])
	}
	if strings.Contains(out, "hunter2") {
		t.Error("a password was printed")
	}
}

func TestExplainJSONWithoutFailureIsNotFetch(t *testing.T) {
	_, out, _ := explainRun(t, "# example.com/a\n./a.go:3:4: undefined: x\n", "--json")
	want := `{"class":"not-fetch","transient":false,"module":"","host":"","actions":[],"advice":"","evidence":""}` + "\n"
	if out != want {
		t.Errorf("got %s", out)
	}
}

func TestExplainReadsFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.log": resetLog, "b.log": deniedLog} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	status, out, _ := explainRun(t, "", "--json", filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log"))
	if status != 1 || strings.Index(out, "http2") > strings.Index(out, "unauthorized") {
		t.Errorf("status %d\n%s", status, out)
	}
}

func TestExplainReadsWhatPowerShellWrote(t *testing.T) {
	for name, order := range map[string]binary.AppendByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		log := []byte(name)
		for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(resetLog, "\n", "\r\n"))) {
			log = order.AppendUint16(log, unit)
		}
		if status, out, _ := explainRun(t, string(log), "--json"); status != 75 || !strings.Contains(out, `"class":"http2"`) {
			t.Errorf("%x: status %d, %s", name, status, out)
		}
	}
}

func TestExplainSaysWhenALogCannotBeRead(t *testing.T) {
	status, _, stderr := explainRun(t, "", "missing.log")
	if status != 2 || !strings.HasPrefix(stderr, "gosteady: explain: missing.log: no such file") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestExplainToAPersonGroupsWhatIsAlike(t *testing.T) {
	var log strings.Builder
	for _, m := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		log.WriteString(strings.ReplaceAll(resetLog, "x/text", "x/"+m))
	}
	_, out, _ := explainRun(t, log.String())
	for _, want := range []string{
		"http2: an HTTP/2 stream was reset",
		"golang.org/x/a@v0.3.2", "and 2 more",
		"helps: the same command may well pass in a minute",
		"asks again, with growing pauses",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Count(out, "http2:") != 1 {
		t.Errorf("not grouped:\n%s", out)
	}
}

func TestExplainToAPersonSaysThatNothingFailed(t *testing.T) {
	if _, out, _ := explainRun(t, "PASS\n"); out != "no failed module fetch: gosteady would leave this alone\n" {
		t.Errorf("got %q", out)
	}
}

func TestExplainAsksThePolicy(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	policyFile := "version: 1\nrules:\n  - on: [http2]\n    do: [fail]\n"
	for name, text := range map[string]string{"go.mod": "module example.com/a\n\ngo 1.21\n", ".gosteady.yaml": policyFile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app := &App{Stdin: strings.NewReader(resetLog), Stdout: &out, Stderr: &out, Place: here.Place{Dir: dir, Env: []string{"HOME=" + dir, "GOENV=off", "PATH="}}}
	app.Run([]string{"explain", "--json"})
	if !strings.Contains(out.String(), `"actions":["fail"]`) {
		t.Errorf("got %s", out.String())
	}
}
