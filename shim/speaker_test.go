package shim

import (
	"log"
	"os"
	"path/filepath"
	"testing"

	"github.com/gosteady/gosteady/policy"
)

// TestWaitsAreTold, but not to a person who wants silence.
func TestWaitsAreTold(t *testing.T) {
	for _, tt := range []struct {
		notify policy.Notify
		waits  bool
		want   string
	}{
		{policy.NotifyNever, false, ""},
		{policy.NotifyNever, true, "gosteady: waiting\n"}, // a repository's wish
		{policy.NotifyHealed, false, "gosteady: healed\ngosteady: waiting\n"},
	} {
		file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		s := newSpeaker(file, tt.notify, false)
		s.waits = tt.waits
		s.warn("healed")
		s.wait("waiting")
		file.Close()
		if got, _ := os.ReadFile(file.Name()); string(got) != tt.want {
			t.Errorf("%s, waits are told: %t: %q", tt.notify, tt.waits, got)
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
	newSpeaker(file, policy.NotifyHealed, false).takeLog()
	log.Print("Unsolicited response received on idle HTTP channel")
	file.Close()
	if got, _ := os.ReadFile(file.Name()); string(got) != "Unsolicited response received on idle HTTP channel\n" {
		t.Errorf("%q", got)
	}
}
