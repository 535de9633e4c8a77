package explain

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// written is what a form writes of a log, where gosteady would ask again.
func written(t *testing.T, form func(io.Writer, []classify.Failure, func(classify.Failure) []string) error, log string) string {
	t.Helper()
	var out strings.Builder
	retry := func(classify.Failure) []string { return []string{"retry"} }
	if err := form(&out, classify.Text(log), retry); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStatusTellsWhetherToRunAgain(t *testing.T) {
	for _, c := range []struct {
		name, log string
		want      int
	}{
		{"nothing failed", "ok  \texample.com/a\t0.01s\n", 0},
		{"nothing at all", "", 0},
		{"transient only", steadytest.ResetLog, 75},
		{"permanent only", steadytest.DeniedLog, 1},
		{"both", steadytest.ResetLog + steadytest.DeniedLog, 1},
	} {
		if got := Status(classify.Text(c.log)); got != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got, c.want)
		}
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	out := written(t, JSON, steadytest.DeniedLog+steadytest.ResetLog)
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

func TestJSONWithoutFailureIsNotFetch(t *testing.T) {
	out := written(t, JSON, "# example.com/a\n./a.go:3:4: undefined: x\n")
	want := `{"class":"not-fetch","transient":false,"module":"","host":"","actions":[],"advice":"","evidence":""}` + "\n"
	if out != want {
		t.Errorf("got %s", out)
	}
}

func TestTextGroupsWhatIsAlike(t *testing.T) {
	var log strings.Builder
	for _, m := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		log.WriteString(strings.ReplaceAll(steadytest.ResetLog, "x/text", "x/"+m))
	}
	out := written(t, Text, log.String())
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

func TestTextSaysThatNothingFailed(t *testing.T) {
	if out := written(t, Text, "PASS\n"); out != "no failed module fetch: gosteady would leave this alone\n" {
		t.Errorf("got %q", out)
	}
}
