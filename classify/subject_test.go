package classify

import "testing"

// TestNoHostThatIsNotNamed: a checksum database may be any, and one that the text
// does not name is not blamed.
func TestNoHostThatIsNotNamed(t *testing.T) {
	for text, want := range map[string]string{
		"go: example.com/a@v1.0.0: verifying go.mod: example.com/a@v1.0.0/go.mod: downloaded inconsistent tile":                                             "",
		"go: example.com/a@v1.0.0: verifying module: example.com/a@v1.0.0: checksum mismatch\n\tdownloaded: h1:b\n\tsum.golang.org: h1:c\n\nSECURITY ERROR": "sum.golang.org",
	} {
		met := Live(text)
		if len(met) == 0 || met[0].Class != Checksum || met[0].Host != want {
			t.Errorf("%q: %+v, want a checksum failure at %q", text, met, want)
		}
	}
}

// TestToolchainIsAModule: what is wrong with a toolchain is said of its Go version,
// which is no module's name.
func TestToolchainIsAModule(t *testing.T) {
	for text, version := range map[string]string{
		"go: download go1.99.0: zip: not a valid zip file":                                                                        "",
		"go: download go1.99rc1: flate: corrupt input before offset 118":                                                          "",
		"go: download go1.99.0: unexpected EOF":                                                                                   "",
		"go: switching to go >= 1.99.0: reading https://p.test/golang.org/toolchain/@v/list: 500 Internal Server Error":           "",
		"go: download go1.99.0: golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64: verifying module: checksum mismatch":            "v0.0.1-go1.99.0.linux-amd64",
		"go: download go1.99.0: zip for golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64 has unexpected file evil/go.mod":         "v0.0.1-go1.99.0.linux-amd64",
		"go: download go1.99.0: golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64: stream error: stream ID 3; INTERNAL_ERROR; rst": "v0.0.1-go1.99.0.linux-amd64",
	} {
		met := Live(text)
		if len(met) == 0 || met[0].Module != "golang.org/toolchain" || met[0].Version != version {
			t.Errorf("%q: %+v, want golang.org/toolchain %s", text, met, version)
		}
	}
}
