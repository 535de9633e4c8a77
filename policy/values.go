package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/mask"
)

// A Value is one effective value, for people and scripts.
type Value struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin Origin `json:"origin"`
}

// Values lists the effective value of every key in table order, an item of a
// list on its own. Credentials are hidden.
func (p *Policy) Values() []Value {
	var out []Value
	for i := range keys {
		k := &keys[i]
		if k.field == nil {
			continue
		}
		switch v := k.field(p).(type) {
		case *[]Upstream:
			for _, up := range *v {
				out = append(out, Value{k.name, up.Masked(), up.Origin})
			}
		case *[]Rule:
			for j := range *v {
				out = append(out, Value{k.name, (*v)[j].String(), (*v)[j].Origin})
			}
		case *[]string:
			out = append(out, p.items(k, *v)...)
		case *string:
			if *v != "" {
				out = append(out, Value{k.name, k.format(v), p.origins[k.name]})
			}
		default:
			out = append(out, Value{k.name, k.format(v), p.origins[k.name]})
		}
	}
	return out
}

func (p *Policy) items(k *key, list []string) []Value {
	if k.kind == kindCommand {
		return []Value{{k.name, strconv.Quote(strings.Join(list, " ")), p.origins[k.name]}}
	}
	var out []Value
	for _, text := range list {
		origin, ok := p.origins[k.name+"="+text]
		if !ok {
			origin = p.origins[k.name] // a list that replaces another
		}
		out = append(out, Value{k.name, mask.Line(text), origin})
	}
	return out
}

// format writes a value as a policy file has it. v is the value or a pointer
// to it.
func (k *key) format(v any) string {
	switch v := v.(type) {
	case *time.Duration:
		return k.format(*v)
	case *[]time.Duration:
		return k.format(*v)
	case *bool:
		return k.format(*v)
	case *int:
		return strconv.Itoa(*v)
	case *int64:
		return formatSize(*v)
	case int64:
		return formatSize(v)
	case *string:
		if k.kind == kindGOPROXY {
			return mask.Proxies(*v)
		}
		return mask.Line(*v)
	case *Notify:
		return string(*v)
	case *Journal:
		return string(*v)
	case time.Duration:
		if v == 0 && k.kind == kindOrOff {
			return "off"
		}
		return shortDuration(v)
	case []time.Duration:
		words := make([]string, len(v))
		for i, d := range v {
			words[i] = shortDuration(d)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case bool:
		if v {
			return "auto"
		}
		return "off"
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// String is the rule as it could stand in a file, on one line.
func (r *Rule) String() string {
	words := make([]string, len(r.Do))
	for i, a := range r.Do {
		words[i] = string(a)
	}
	parts := []string{"on: [" + strings.Join(r.On, ", ") + "]"}
	if len(r.Modules) > 0 {
		parts = append(parts, "modules: ["+strings.Join(r.Modules, ", ")+"]")
	}
	if r.When != "" {
		parts = append(parts, "when: "+r.When)
	}
	parts = append(parts, "do: ["+strings.Join(words, ", ")+"]")
	if r.WaitFor > 0 {
		parts = append(parts, "wait-for: "+shortDuration(r.WaitFor))
	}
	return "{" + strings.Join(append(parts, r.ownRetry()...), ", ") + "}"
}

func (r *Rule) ownRetry() []string {
	var parts []string
	if r.Retry.Attempts > 0 {
		parts = append(parts, "attempts: "+strconv.Itoa(r.Retry.Attempts))
	}
	if len(r.Retry.Waits) > 0 {
		parts = append(parts, "waits: "+keyNamed("rules.retry.waits").format(r.Retry.Waits))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{"retry: {" + strings.Join(parts, ", ") + "}"}
}
