package main

import (
	"strings"
	"testing"
	"time"
)

func TestMeasured(t *testing.T) {
	got := measured(&setting{plain: "go"}, []string{"overhead", "-n", "400"}, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	for _, want := range []string{"Measured on 2026-11-30 by `go run ./bench overhead -n 400`: go1.", " × ", "load "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := processor("processor\t: 0\nmodel name\t: A B-1 @ 2GHz\n"); got != "A B-1 @ 2GHz" {
		t.Errorf("processor %q", got)
	}
	if a, b := loadBefore("0.42 0.5 0.6 1/2 3\n"), loadBefore(""); a != "load 0.42 before" || b != "load unknown" {
		t.Errorf("load %q, %q", a, b)
	}
}
