package environ

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// spelled is an environment as Windows itself spells it.
var spelled = []string{
	`=C:=C:\here`, `ALLUSERSPROFILE=C:\ProgramData`, `APPDATA=C:\u\Roaming`, `ComSpec=C:\cmd.exe`,
	`LOCALAPPDATA=C:\u\Local`, `Path=C:\Go\bin`, `ProgramData=C:\ProgramData`, `USERPROFILE=C:\u`,
	`GOPROXY=first`, `goproxy=second`, `EMPTY=`, `NOVALUE`,
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name          string
		windows, unix string // "-" for not set
	}{
		{"LocalAppData", `C:\u\Local`, "-"},
		{"LOCALAPPDATA", `C:\u\Local`, `C:\u\Local`},
		{"PATH", `C:\Go\bin`, "-"},
		{"Path", `C:\Go\bin`, `C:\Go\bin`},
		{"PROGRAMDATA", `C:\ProgramData`, "-"},
		{"GOPROXY", "second", "first"},
		{"=C:", `C:\here`, `C:\here`},
		{"=c:", `C:\here`, "-"},
		{"EMPTY", "", ""},
		{"NOVALUE", "-", "-"},
		{"PAT", "-", "-"},
		{"PATH=C", "-", "-"},
		{"", "-", "-"},
	}
	for _, tt := range tests {
		for goos, want := range map[string]string{"windows": tt.windows, "linux": tt.unix} {
			got, ok := Of(goos).Lookup(spelled, tt.name)
			if !ok {
				got += "-"
			}
			if got != want {
				t.Errorf("%s: Lookup(%q) = %q, want %q", goos, tt.name, got, want)
			}
		}
	}
}

func TestSet(t *testing.T) {
	list := []string{"=C:=x", "Path=a", "Q=1", "PATH=b"}
	before := slices.Clone(list)
	if got, want := Of("windows").Set(list, "path=c"), []string{"=C:=x", "Q=1", "path=c"}; !slices.Equal(got, want) {
		t.Errorf("windows: %q, want %q", got, want)
	}
	if got, want := Of("linux").Set(list, "PATH=c"), []string{"=C:=x", "Path=a", "Q=1", "PATH=c"}; !slices.Equal(got, want) {
		t.Errorf("linux: %q, want %q", got, want)
	}
	if got, want := Of("windows").Unset(list, "q"), []string{"=C:=x", "Path=a", "PATH=b"}; !slices.Equal(got, want) {
		t.Errorf("windows: %q, want %q", got, want)
	}
	if !slices.Equal(list, before) {
		t.Errorf("the list itself was changed: %q", list)
	}
}

// What is looked up here is what a program sees that is started with the list.
func TestAgreesWithPrograms(t *testing.T) {
	if os.Getenv("ENVIRON_TEST") == "print" {
		os.Stdout.WriteString(os.Getenv("ENVIRON_VALUE"))
		os.Exit(0)
	}
	for _, list := range [][]string{
		{"ENVIRON_VALUE=a"}, {"ENVIRON_VALUE=a", "ENVIRON_VALUE=b"}, {"Environ_Value=a"},
		{"ENVIRON_VALUE=a", "Environ_Value=b"}, {"ENVIRON_VALUE="}, {},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=TestAgreesWithPrograms")
		cmd.Env = append(append(os.Environ(), "ENVIRON_TEST=print"), list...)
		out, err := cmd.Output()
		if got := Get(list, "ENVIRON_VALUE"); err != nil || got != string(out) {
			t.Errorf("%s: Get(%q) = %q, a program sees %q (%v)", runtime.GOOS, list, got, out, err)
		}
	}
}

func FuzzSet(f *testing.F) {
	f.Add("Path=a\nPATH=b\n=C:=d", "path", "x=y")
	f.Add("", "A", "")
	f.Fuzz(func(t *testing.T, list, name, value string) {
		if name == "" || strings.Contains(name[1:], "=") {
			return
		}
		for _, goos := range []string{"windows", "linux"} {
			env := Of(goos).Set(strings.Split(list, "\n"), name+"="+value)
			if got, ok := Of(goos).Lookup(env, name); !ok || got != value {
				t.Errorf("%s: %q, %v after setting %s=%q", goos, got, ok, name, value)
			}
			if _, ok := Of(goos).Lookup(Of(goos).Unset(env, name), name); ok {
				t.Errorf("%s: %s is set after Unset", goos, name)
			}
		}
	})
}
