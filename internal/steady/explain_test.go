package steady

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/steadytest"
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

func TestExplainReadsFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.log": steadytest.ResetLog, "b.log": steadytest.DeniedLog} {
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
		for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(steadytest.ResetLog, "\n", "\r\n"))) {
			log = order.AppendUint16(log, unit)
		}
		if status, out, _ := explainRun(t, string(log), "--json"); status != 75 || !strings.Contains(out, `"class":"http2"`) {
			t.Errorf("%x: status %d, %s", name, status, out)
		}
	}
}

func TestExplainSkipsAMark(t *testing.T) {
	if status, out, _ := explainRun(t, "\ufeff"+steadytest.DeniedLog, "--json"); status != 1 || !strings.Contains(out, `"evidence":"go: git.corp.example`) {
		t.Errorf("status %d, %s", status, out)
	}
}

func TestExplainSaysWhenALogCannotBeRead(t *testing.T) {
	status, _, stderr := explainRun(t, "", "missing.log")
	if status != 2 || !strings.HasPrefix(stderr, "gosteady: missing.log: no such file; name a log") {
		t.Errorf("status %d, stderr %q", status, stderr)
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
	app := &App{Stdin: strings.NewReader(steadytest.ResetLog), Stdout: &out, Stderr: &out, Place: here.Place{Dir: dir, Env: []string{"HOME=" + dir, "GOENV=off", "PATH="}}}
	app.Run([]string{"explain", "--json"})
	if !strings.Contains(out.String(), `"actions":["fail"]`) {
		t.Errorf("got %s", out.String())
	}
}
