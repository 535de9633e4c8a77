package relay

import (
	"testing"
	"time"
)

func TestFirstByte(t *testing.T) {
	const most = 10 * time.Minute
	for name, tt := range map[string]struct {
		haste haste
		want  time.Duration
	}{
		"nobody else":                    {haste{answers: true}, most},
		"nobody else, once caught":       {haste{caught: true}, most},
		"nobody else, down":              {haste{caught: true, open: true}, openFirstByte},
		"somebody else":                  {haste{quick: true, answers: true}, pipeFirstByte},
		"somebody else, once caught":     {haste{quick: true, caught: true, open: true}, caughtFirstByte},
		"a second run":                   {haste{patient: true, quick: true, caught: true, open: true, answers: true}, patientFirstByte},
		"a second run, and it is silent": {haste{patient: true, quick: true, caught: true}, silentFirstByte},
	} {
		equal(t, name, tt.haste.firstByte(most), tt.want)
		equal(t, name+": the policy's", tt.haste.firstByte(time.Second), time.Second)
	}
}
