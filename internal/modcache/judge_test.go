package modcache

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modhash"
)

// judge is tried with every combination of what the witnesses can say; these
// are the ones that no damaged file of repair_test.go brings about.
func TestJudge(t *testing.T) {
	const a, b, d = "h1:a", "h1:b", "h1:d"
	for _, tt := range []struct {
		name        string
		facts       facts
		kinds       []Kind
		contradicts bool
	}{
		{"nothing", facts{}, nil, false},
		{"good", facts{zip: present, zipSum: a, hash: present, hashed: a, zips: []string{a}}, nil, false},
		{"good, go.sum knows nothing", facts{zip: present, zipSum: a, hash: present, hashed: a}, nil, false},
		{"good, hostile go.sum", facts{zip: present, zipSum: a, hash: present, hashed: a, zips: []string{b}}, nil, true},
		{"zip and hash differ, go.sum has the zip", facts{zip: present, zipSum: a, hash: present, hashed: b, zips: []string{a}}, []Kind{ZipHashWrong}, false},
		{"zip and hash differ, go.sum has the hash", facts{zip: present, zipSum: a, hash: present, hashed: b, zips: []string{b}}, []Kind{ZipWrong}, false},
		{"zip and hash differ, go.sum has another", facts{zip: present, zipSum: a, hash: present, hashed: b, zips: []string{d}}, []Kind{ZipDisputed}, false},
		{"zip and hash differ, nobody knows", facts{zip: present, zipSum: a, hash: present, hashed: b}, []Kind{ZipDisputed}, false},
		{"zip and hash differ, the directory has the zip", facts{zip: present, zipSum: a, hash: present, hashed: b, dir: present, dirSum: a}, []Kind{ZipHashWrong, DirWrong}, false},
		{"zip and hash differ, the directory has the hash", facts{zip: present, zipSum: a, hash: present, hashed: b, dir: present, dirSum: b}, []Kind{ZipWrong}, false},
		{"no hash, go.sum has another", facts{zip: present, zipSum: a, zips: []string{b}}, []Kind{ZipHashMissing, ZipDisputed}, false},
		{"no hash, directory and go.sum have another", facts{zip: present, zipSum: a, zips: []string{b}, dir: present, dirSum: b}, []Kind{ZipHashMissing, ZipWrong}, false},
		{"no zip, directory right", facts{hash: present, hashed: a, dir: present, dirSum: a}, nil, false},
		{"no zip, directory wrong", facts{hash: present, hashed: a, dir: present, dirSum: b}, []Kind{DirWrong}, false},
		{"no zip, hostile go.sum", facts{hash: present, hashed: a, dir: present, dirSum: a, zips: []string{b}}, nil, false},
		{"zip broken, directory right", facts{zip: broken, zipErr: errors.New("x"), hash: present, hashed: a, dir: present, dirSum: a}, []Kind{ZipUnreadable}, false},
		{"hash without anything", facts{hash: present, hashed: a}, nil, false},
		{"not read", facts{zip: present, hash: present, hashed: a, dir: present}, nil, false},
	} {
		s := judge(place{Version: module.Version{Path: "example.com/m", Version: "v1.0.0"}}, &tt.facts)
		var kinds []Kind
		for _, found := range s.Damage {
			kinds = append(kinds, found.Kind)
		}
		if !slices.Equal(kinds, tt.kinds) || s.Contradicts != tt.contradicts {
			t.Errorf("%s: %v, contradicts %v", tt.name, kinds, s.Contradicts)
		}
	}
}

func TestStatus(t *testing.T) {
	p := place{Version: module.Version{Path: "example.com/m", Version: "v1.0.0"}}
	for _, tt := range []struct {
		facts facts
		want  Status
	}{
		{facts{}, Absent},
		{facts{zip: present}, Damaged}, // without .ziphash
		{facts{zip: present, zipSum: "h1:a", hash: present, hashed: "h1:a"}, Complete},
		{facts{dir: broken}, Interrupted},
		{facts{meta: meta{mod: broken, modData: []byte("<html>")}}, Damaged},
	} {
		if s := judge(p, &tt.facts); s.Status != tt.want {
			t.Errorf("%+v: %s, want %s", tt.facts, s.Status, tt.want)
		}
	}
}

func TestAcceptZip(t *testing.T) {
	const a, b = "h1:a", "h1:b"
	for _, tt := range []struct {
		name  string
		got   *candidate
		facts facts
		want  error
	}{
		{"none", nil, facts{}, errNoReplacement},
		{"go.sum has another", &candidate{zipSum: a, sumdb: true}, facts{zips: []string{b}, hash: present, hashed: a}, errNotVouched},
		{"as recorded", &candidate{zipSum: a}, facts{zips: []string{a}, hash: present, hashed: a}, nil},
		{"as recorded, go.sum knows nothing", &candidate{zipSum: a}, facts{hash: present, hashed: a}, nil},
		{"confirmed", &candidate{zipSum: a, sumdb: true}, facts{zips: []string{a}, hash: present, hashed: b}, nil},
		{"not confirmed", &candidate{zipSum: a}, facts{zips: []string{a}, hash: present, hashed: b}, errUnconfirmed},
		{"nothing recorded, zip unreadable", &candidate{zipSum: a}, facts{zips: []string{a}, zip: broken}, nil},
		{"nothing recorded, zip readable", &candidate{zipSum: a}, facts{zips: []string{a}, zip: present}, errUnconfirmed},
		{"nothing known at all", &candidate{zipSum: a}, facts{zip: broken}, errUnconfirmed},
	} {
		if err := acceptZip(tt.got, &tt.facts); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// A .mod file that differs from the zip's go.mod is no damage where only the
// ends of lines differ, and is replaced only by what a second witness says.
func TestAcceptMod(t *testing.T) {
	const right, other, crlf = "module m\n", "module m\n\ngo 1.21\n", "module m\r\n"
	inZip := func(zipMod, onDisk string, mods ...string) facts {
		f := facts{zip: present, zipSum: "h1:a", hash: present, hashed: "h1:a", zipGoMod: []byte(zipMod), meta: meta{mod: present, modData: []byte(onDisk)}}
		if !plausibleMod(f.modData) {
			f.mod = broken
		}
		for _, text := range mods {
			f.mods = append(f.mods, modhash.GoMod([]byte(text)))
		}
		return f
	}
	fresh := func(text string, sumdb bool) *candidate { return &candidate{mod: []byte(text), sumdb: sumdb} }
	for _, tt := range []struct {
		name  string
		facts facts
		got   *candidate
		want  string // "": nothing is changed
		right bool   // nothing is wrong
	}{
		{"as in the zip", inZip(right, right), nil, "", true},
		{"CRLF in the zip", inZip(crlf, right), nil, "", true},
		{"CRLF in the zip, and go.sum has neither", inZip(crlf, right, other), nil, "", false},
		{"differs, nothing fetched", inZip(right, other), nil, "", false},
		{"differs, a fresh copy says the same", inZip(right, other), fresh(other, false), "", false},
		{"differs, a fresh copy is as in the zip", inZip(right, other), fresh(right, false), right, false},
		{"differs, the checksum database has the fresh copy", inZip(crlf, other), fresh(right, true), right, false},
		{"differs, go.sum has the zip's", inZip(right, other, right), nil, right, false},
		{"differs, go.sum has another than the fresh copy", inZip(right, other, crlf), fresh(right, true), "", false},
		{"unreadable", inZip(right, "<html>"), nil, right, false},
		{"unreadable, CRLF in the zip", inZip(crlf, "<html>"), nil, "", false},
		{"unreadable, go.sum has another", inZip(right, "<html>", other), nil, "", false},
		{"unreadable, go.sum has the fresh copy", inZip(crlf, "<html>", right), fresh(right, false), right, false},
	} {
		s := judge(place{Version: module.Version{Path: "m.example/m", Version: "v1.0.0"}}, &tt.facts)
		if (len(s.Damage) == 0) != tt.right {
			t.Errorf("%s: damage %v", tt.name, s.Damage)
		}
		if tt.right {
			continue
		}
		if got, _ := acceptMod(tt.got, &tt.facts, tt.facts.ownModIn(nil)); string(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParseDownload(t *testing.T) {
	for path, want := range map[string]string{
		"example.com/m/@v/v1.0.0.zip":                             "example.com/m@v1.0.0",
		"github.com/!burnt!sushi/toml/@v/v1.3.2.mod":              "github.com/BurntSushi/toml@v1.3.2",
		"example.com/m/@v/v1.0.0.ziphash":                         "example.com/m@v1.0.0",
		"example.com/m/@v/v2.0.0+incompatible.info":               "example.com/m@v2.0.0+incompatible",
		"golang.org/toolchain/@v/v0.0.1-go1.25.1.linux-amd64.zip": "golang.org/toolchain@v0.0.1-go1.25.1.linux-amd64",
		"example.com/m/@v/v1.0.0.lock":                            "",
		"example.com/m/@v/list":                                   "",
		"example.com/m/@v/v1.0.0.zip123.tmp":                      "",
		"example.com/m/@v/master.info":                            "",
		"example.com/M/@v/v1.0.0.zip":                             "",
		"sumdb/sum.golang.org/lookup/example.com/m@v1.0.0":        "",
		"../../etc/@v/v1.0.0.zip":                                 "",
		strings.Repeat("x", 3) + "/@v/v1.0.0.zip":                 "",
	} {
		m, ok := parseDownload(path)
		if got := m.String(); ok != (want != "") || ok && got != want {
			t.Errorf("parseDownload(%q) = %q, %v", path, got, ok)
		}
	}
}
