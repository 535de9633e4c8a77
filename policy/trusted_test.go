package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestTrustStore(t *testing.T) {
	m := newMachine(t, "")
	s := store(t, m, false)
	if values, err := s.Values(); len(values) > 0 || err != nil {
		t.Errorf("from nothing: %v, %v", values, err)
	}
	for _, v := range [][]string{{"rotate", "direct"}, {"rotate"}, {"private=*.a.example"}} {
		if err := s.Add(v...); err != nil {
			t.Fatal(err)
		}
	}
	missing, err := s.Remove("direct", "vendor")
	if !slices.Equal(missing, []string{"vendor"}) || err != nil {
		t.Errorf("missing %v, %v", missing, err)
	}
	values, err := s.Values()
	if !slices.Equal(values, []string{"rotate", "private=*.a.example"}) || err != nil {
		t.Errorf("trusted %v, %v", values, err)
	}
	p, _ := m.load()
	for _, v := range p.TrustValues() {
		if v.Origin.Layer != User || v.Origin.Name != s.Path() {
			t.Errorf("%s comes from %v", v.Value, v.Origin)
		}
	}
}

func TestTrustStoreConcurrently(t *testing.T) {
	s := store(t, newMachine(t, ""), false)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := s.Add("private=a" + strconv.Itoa(i) + ".example"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if values, err := s.Values(); len(values) != 8 || err != nil {
		t.Errorf("trusted %v, %v", values, err)
	}
}

func TestTrustStoreNowhere(t *testing.T) {
	l := Loader{Getenv: func(string) string { return "" }}
	if _, err := l.TrustStore(false); err == nil || !strings.Contains(err.Error(), "GOSTEADY_TRUST") {
		t.Errorf("without a home: %v", err)
	}
	if values, _ := (TrustStore{dir: filepath.Join(os.DevNull, "x")}).Values(); values != nil {
		t.Error("values from nowhere")
	}
}

func TestDamagedTrustList(t *testing.T) {
	m := newMachine(t, "")
	m.write("user/trusted", "rotate\nnonsense\n\n# comment\n  direct # why\n")
	p, notices := m.load()
	if !slices.Equal(p.Trust, []string{"rotate", "direct"}) || len(p.Problems) != 1 || !p.Problems[0].Warning || len(notices) > 0 {
		t.Errorf("trusted %v, %v, said %v", p.Trust, problems(p), notices)
	}
}
