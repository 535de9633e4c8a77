package report

import (
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
)

func TestMarkupEscapes(t *testing.T) {
	var b strings.Builder
	m := newMarkup(&b)
	m.putf(`<i title="%s" style="left:%.1f%%">%s %s %d</i>`, `"><script>`, 12.34, "a<b&'c'", classify.Class("x<y"), 3)
	if err := m.end(); err != nil {
		t.Fatal(err)
	}
	want := `<i title="&#34;&gt;&lt;script&gt;" style="left:12.3%">a&lt;b&amp;&#39;c&#39; x&lt;y 3</i>`
	if b.String() != want {
		t.Errorf("%s\nwant %s", &b, want)
	}
}
