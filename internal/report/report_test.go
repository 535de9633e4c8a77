package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/steadytest"
)

const textGolden = `go mod download
  2026-03-16 12:00:00, exit status 1 after 12.4s, of which failures cost 1.5s
  in /src/m

  2 server-error  proxy.golang.org     healed by retry   5 requests, 0.9s  golang.org/x/mod@v0.1.0 and 1 more
  1 http2         proxy.golang.org     healed by resume  2 requests, 1.0s  corp.example/secret@v1.0.0
  1 gone          mirror.example:8443  not healed        1 request         corp.example/other@v1.0.0
  note                                 policy

  503 Service Unavailable
  stream error: corp.example/secret` + "\ufffd" + `[31m INTERNAL_ERROR
  410 Gone
  ignored: proxies
`

func TestText(t *testing.T) {
	var out bytes.Buffer
	printInvocation(&out, steadytest.Known())
	if got := out.String(); got != textGolden {
		t.Errorf("got\n%s\nwant\n%s", got, textGolden)
	}
}

func TestTrace(t *testing.T) {
	data := written(t, Trace, []Command{{Invocation: steadytest.Known()}})
	var trace struct{ TraceEvents []traceEvent }
	if err := json.Unmarshal([]byte(data), &trace); err != nil {
		t.Fatal(err)
	}
	spans := make(map[string]traceEvent)
	threads := 0
	for _, e := range trace.TraceEvents {
		if e.Phase == "X" {
			spans[e.Name] = e
		}
		if e.Name == "thread_name" {
			threads++
		}
	}
	if len(spans) != 6 || threads != 4 { // two of an upstream's overlap
		t.Errorf("%d spans on %d threads, want 6 on 4:\n%s", len(spans), threads, data)
	}
	e := spans["corp.example/secret@v1.0.0 (zip)"]
	if e.Dur != 1e6 || e.Time != steadytest.Monday.Add(time.Second).UnixMicro() || e.Args["class"] != "http2" {
		t.Errorf("the resumed zip: %+v", e)
	}
}

// inspection tells a test what the browser made of the page.
const inspection = `<script>
const style = getComputedStyle(document.body), root = document.documentElement
const visible = list => [...list].filter(e => e.checkVisibility()).length
document.body.setAttribute("data-probe", JSON.stringify({
  beyond: root.scrollWidth - root.clientWidth, dark: style.backgroundColor != "rgb(255, 255, 255)", contrast: style.color != style.backgroundColor,
  thin: [...document.querySelectorAll(".row i")].filter(e => e.getBoundingClientRect().width < 1).length,
  rows: visible(document.querySelectorAll(".row[title]")),
  special: (document.querySelector(".only").checked = true, visible(document.querySelectorAll(".row[title]"))),
}))
</script>`

// TestPageInBrowser looks at the page in a real browser, where there is
// one: it renders, light and dark, also on a narrow screen; the console stays
// empty, the numbers are there.
func TestPageInBrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	file := filepath.Join(t.TempDir(), "last.html")
	if err := os.WriteFile(file, []byte(written(t, Page, recorded(t, 1, steadytest.Known().Events...))+inspection), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name         string
		width, theme string
	}{{"wide and light", "1200", "1"}, {"narrow and dark", "360", "0"}} {
		dom := browse(t, chromium, file, "--window-size="+tt.width+",800", "--blink-settings=preferredColorScheme="+tt.theme)
		for _, want := range []string{
			`<dd class="count-healed">3</dd>`, `<dd class="count-unhealed">1</dd>`, `<dd class="count-requests">9</dd>`, "proxy.golang.org",
			fmt.Sprintf(`"beyond":0,"dark":%t,"contrast":true,"thin":0,"rows":9,"special":7`, tt.theme == "0"),
		} {
			if !strings.Contains(html.UnescapeString(dom), want) {
				t.Errorf("%s: the page as rendered lacks %q", tt.name, want)
			}
		}
		if _, probed, ok := strings.Cut(dom, "data-probe="); t.Failed() && ok {
			t.Log(probed[:min(len(probed), 300)])
		}
	}
}

// browse returns the page as a browser has it, whose console stays empty.
func browse(t *testing.T, chromium, file string, flags ...string) string {
	t.Helper()
	cmd := exec.Command(chromium, append(flags, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
		"--user-data-dir="+filepath.Join(t.TempDir(), "profile"), "--dump-dom", "file://"+file)...)
	var dom, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &dom, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.Bytes())
	}
	if strings.Contains(log.String(), "CONSOLE") {
		t.Errorf("the console is not empty:\n%s", log.Bytes())
	}
	return dom.String()
}

func TestPage(t *testing.T) {
	inv := steadytest.Known()
	inv.Events[0].Text = "<script>alert(1)</script>"
	page := written(t, Page, []Command{{Invocation: inv}})
	for _, want := range []string{
		`<dd class="count-healed">3</dd>`, `<dd class="count-unhealed">1</dd>`, "<dd>12.4s</dd>", "<dd>1.5s</dd>",
		"left:8.065%;width:8.065%", "<span>mirror.example:8443</span>", "&lt;script&gt;",
		"<td>healed by resume</td>", `<span style="left:100%">12.4s</span>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"<script", "http://", "https://", "url("} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q: it must need nothing from elsewhere", not)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}
