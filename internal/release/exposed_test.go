package release

import "testing"

func TestExposed(t *testing.T) {
	for goVersion, update := range map[string]string{
		"go1.21.0": "go1.25.13", "go1.24.9": "go1.25.13", "go1.25.9": "go1.25.13", "go1.25.12": "go1.25.13", "go1.25.13": "",
		"go1.26rc1": "go1.26.6", "go1.26.0": "go1.26.6", "go1.26.5": "go1.26.6", "go1.26.6": "", "go1.26.8": "",
		"go1.27rc2": "go1.27rc3", "go1.27rc3": "", "go1.27.0": "", "go1.28.1": "", "devel": "", "": "",
	} {
		what, got := Exposed(goVersion)
		if got != update || (what == "") != (update == "") {
			t.Errorf("%s: %q, %q, want %q", goVersion, what, got, update)
		}
	}
	if what, _ := Exposed("go1.25.9"); what != "takes the record of another module for proof (CVE-2026-42501), takes forged tiles of the checksum database (CVE-2026-56865)" {
		t.Error(what)
	}
	if what, _ := Exposed("go1.26.3"); what != "takes forged tiles of the checksum database (CVE-2026-56865)" {
		t.Error(what)
	}
}
