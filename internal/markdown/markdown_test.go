package markdown

import (
	"strings"
	"testing"
)

const page = "# A title\n\n<!-- a comment\nof two lines -->\nText with `code`, **bold** words and a\n[link](other.md), one [out](https://go.dev).\n\n" +
	"- one\n  goes on\n- two\n\n  more of two\n  1. inner\n\n```sh\n# no heading\n  x\n```\n\n<details>\n<summary>Folded</summary>\n\n| a | b |\n|---|---|\n| `x\\|y` | z |\n\n</details>\n\n![picture](x.svg)\n"

func TestWrite(t *testing.T) {
	var b strings.Builder
	Look{Width: 40}.Write(&b, page)
	want := `A TITLE

  Text with ` + "`code`" + `, bold words and a
  link, one out (https://go.dev).

  - one goes on
  - two
    more of two
    1. inner

      # no heading
        x

Folded

  a    b
  x|y  z
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A table that is too wide names its columns in each row.
func TestNarrow(t *testing.T) {
	var b strings.Builder
	Look{Width: 20}.Write(&b, "| key | what it is |\n|---|---|\n| `retry` | tries in all for one request |\n| x | |\n")
	if want := "  retry\n      what it is:\n        tries in all\n        for one\n        request\n  x\n"; b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestColour(t *testing.T) {
	var b strings.Builder
	Look{Width: 20, Colour: true}.Write(&b, "Type `go help` **now** and then again\n")
	if want := "  Type \x1b[36mgo\x1b[m \x1b[36mhelp\x1b[m \x1b[1mnow\x1b[m\n  and then again\n"; b.String() != want {
		t.Errorf("got %q\nwant %q", b.String(), want)
	}
}

// Any text gives a page, and no text is lost in a plain one.
func FuzzParse(f *testing.F) {
	f.Add(page)
	f.Add("|\n|--|\n```\n")
	f.Add("  \n- \n\n  x\n<!--")
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		Look{Width: 40}.Write(&b, text)
		if words := strings.Fields("x" + text); len(words) > 1 && strings.ContainsAny(text, "#`|<!-*[") == false && b.Len() == 0 {
			t.Errorf("nothing of %q", text)
		}
	})
}
