package policy

import (
	"strings"
	"testing"
)

// A file that nearly has the policy's name is told of, once, and not where the right
// one is.
func TestNearName(t *testing.T) {
	for _, name := range nearNames {
		m := newMachine(t, "")
		m.write("repo/"+name, "retry: {attempts: 2}\n")
		p, notices := m.load()
		want := "gosteady: " + name + " is not used: a policy's name is .gosteady.yaml; rename it"
		if len(notices) != 1 || notices[0].Text != want || notices[0].Key == "" || p.Retry.Attempts == 2 {
			t.Errorf("%s: said %v", name, notices)
		}
		m.write("repo/"+FileName, "retry: {attempts: 3}\n")
		if p, notices := m.load(); len(notices) > 0 || p.Retry.Attempts != 3 {
			t.Errorf("%s beside the right one: said %v", name, notices)
		}
	}
	m := newMachine(t, "")
	m.write("repo/m/go.mod", "module m\n")
	m.write("repo/.gosteady.yml", "")
	l := m.loader()
	l.Dir, l.ModuleRoot = m.root+"/repo/m", m.root+"/repo/m"
	if _, notices := l.Load(); len(notices) != 1 || !strings.Contains(notices[0].Text, ".gosteady.yml is not used") {
		t.Errorf("at the root of the repository: said %v", notices)
	}
	m.env["GOSTEADY_POLICY"] = "off"
	if _, notices := m.load(); len(notices) > 0 {
		t.Errorf("nothing is looked for, and yet: %v", notices)
	}
}
