package policy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// SchemaURL is where the JSON Schema of the policy file is published; editors
// fetch it from there.
const SchemaURL = "https://raw.githubusercontent.com/gosteady/gosteady/main/policy/schema.json"

type object = map[string]any

// Schema is the JSON Schema of the policy file, made from the table of keys.
// It is committed as schema.json.
func Schema() []byte {
	root := mappingSchema()
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["$id"] = SchemaURL
	root["title"] = "gosteady policy (" + FileName + ")"
	for i := range keys {
		k := &keys[i]
		parent := root
		words := strings.Split(k.name, ".")
		for _, w := range words[:len(words)-1] {
			parent = below(parent, w)
		}
		properties(parent)[words[len(words)-1]] = k.schema()
	}
	rule := below(root, "rules")
	rule["required"] = []string{"on", "do"}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic(err) // a table that JSON cannot hold
	}
	return out.Bytes()
}

func mappingSchema() object {
	return object{"type": "object", "additionalProperties": false, "properties": object{}}
}

func properties(mapping object) object { return mapping["properties"].(object) }

// below returns the mapping under a word; for a list of mappings, its items.
func below(parent object, word string) object {
	child, ok := properties(parent)[word].(object)
	if !ok {
		child = mappingSchema()
		properties(parent)[word] = child
	}
	if items, ok := child["items"].(object); ok {
		return items
	}
	return child
}

// A scalar stands for a list of one.
func listSchema(item object) object {
	return object{"anyOf": []any{item, object{"type": "array", "items": item}}}
}

const durationPattern = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|^0$`

func (k *key) schema() object {
	s := k.typeSchema()
	s["description"] = strings.ReplaceAll(k.doc, "`", "")
	if k.def != nil {
		s["default"] = k.schemaDefault()
	}
	return s
}

func (k *key) schemaDefault() any {
	switch v := k.def.(type) {
	case int:
		return v
	case string:
		return v
	case Notify, Journal:
		return v
	}
	if text := k.format(k.def); !strings.HasPrefix(text, "[") {
		return text
	}
	return strings.Split(strings.Trim(k.format(k.def), "[]"), ", ")
}

func (k *key) typeSchema() object {
	text := object{"type": "string"}
	switch k.kind {
	case kindInt:
		return object{"type": "integer", "minimum": k.min, "maximum": k.max}
	case kindDuration:
		return object{"type": "string", "pattern": durationPattern}
	case kindOrOff:
		return object{"type": "string", "pattern": durationPattern + "|^off$"}
	case kindDurations:
		return listSchema(object{"type": "string", "pattern": durationPattern})
	case kindWord:
		return object{"enum": k.words}
	case kindSwitch:
		return object{"enum": []string{"auto", "off"}}
	case kindProxies, kindSumDBs:
		return listSchema(object{"type": "string", "pattern": "^https?://"})
	case kindPatterns, kindTrust, kindGlobs, kindHosts:
		return listSchema(text)
	case kindSize:
		return object{"type": []string{"string", "integer"}}
	case kindVersion:
		return object{"const": 1}
	case kindClasses:
		return listSchema(object{"enum": ruleWords()})
	case kindActions:
		return listSchema(object{"enum": actionNames()})
	case kindRules:
		return object{"type": "array", "items": mappingSchema()}
	}
	return text
}
