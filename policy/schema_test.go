package policy

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const (
	schemaFile    = "schema.json"
	referenceFile = "../docs/policy-reference.md"
	guideFile     = "../docs/policy.md"
)

func TestSchemaIsUpToDate(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Schema()) {
		t.Error("schema.json differs from the table of keys: go test ./policy -update")
	}
}

// TestSchemaHasEveryKey reads the schema back: a key of the table is a
// property at its place, and there is no other.
func TestSchemaHasEveryKey(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	leaves("", root, names)
	for i := range keys {
		if !names[keys[i].name] {
			t.Errorf("%s is not in the schema", keys[i].name)
		}
		delete(names, keys[i].name)
	}
	for name := range names {
		t.Errorf("%s is in the schema and not in the table", name)
	}
}

// leaves collects the names of all properties that are not mere mappings.
func leaves(prefix string, s map[string]any, names map[string]bool) {
	props, _ := s["properties"].(map[string]any)
	for name, v := range props {
		prop := v.(map[string]any)
		items, list := prop["items"].(map[string]any)
		if prop["properties"] == nil {
			names[prefix+name] = true
		}
		leaves(prefix+name+".", prop, names)
		if list {
			leaves(prefix+name+".", items, names)
		}
	}
}

func TestReferenceIsUpToDate(t *testing.T) {
	const begin, end = "<!-- generated from the table of keys -->\n", "<!-- end of the generated part -->\n"
	data, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks", referenceFile)
	}
	if *update {
		if err := os.WriteFile(referenceFile, []byte(before+begin+reference()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != reference() {
		t.Errorf("%s differs from the table of keys: go test ./policy -update", referenceFile)
	}
}

// TestDocumentedPolicies loads every YAML block of the docs: what they show is
// valid, as the layer that they say it is for.
func TestDocumentedPolicies(t *testing.T) {
	data, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```yaml\n")[1:]
	if len(blocks) < 6 {
		t.Fatalf("found only %d examples", len(blocks))
	}
	for _, b := range blocks {
		text, _, _ := strings.Cut(b, "```")
		r := &reader{layer: Repository, file: "example"}
		if strings.HasPrefix(text, "# ~/.config") || strings.HasPrefix(text, "# /etc/") {
			r.layer = User
		}
		if strings.HasPrefix(text, "# .gi") { // a workflow
			continue
		}
		if r.read([]byte(text)); len(r.problems) > 0 {
			t.Errorf("%v in\n%s", r.problems, text)
		}
	}
}
