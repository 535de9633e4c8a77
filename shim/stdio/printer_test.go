package stdio

import (
	"log"
	"os"
	"path/filepath"
	"testing"
)

// TestWaitsAreTold, but not to a person who wants silence.
func TestWaitsAreTold(t *testing.T) {
	for _, tt := range []struct {
		quiet, waits bool
		want         string
	}{
		{true, false, ""},
		{true, true, "gosteady: waiting\n"}, // a repository's wish
		{false, false, "gosteady: healed\ngosteady: waiting\n"},
	} {
		file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		p := &Printer{Err: file, Quiet: tt.quiet, Waits: tt.waits}
		p.Warn("healed")
		p.Wait("waiting")
		file.Close()
		if got, _ := os.ReadFile(file.Name()); string(got) != tt.want {
			t.Errorf("quiet: %t, waits are told: %t: %q", tt.quiet, tt.waits, got)
		}
	}
}

func TestLogIsBare(t *testing.T) {
	defer log.SetOutput(log.Writer())
	defer log.SetFlags(log.Flags())
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	(&Printer{Err: file}).TakeLog()
	log.Print("Unsolicited response received on idle HTTP channel")
	file.Close()
	if got, _ := os.ReadFile(file.Name()); string(got) != "Unsolicited response received on idle HTTP channel\n" {
		t.Errorf("%q", got)
	}
}
