// Package docs holds the guides, so that "gosteady help TOPIC" shows in a terminal what
// the repository shows in a browser. Nothing that carries out a go command imports it.
package docs

import "embed"

//go:embed *.md
var files embed.FS

// A Topic is a guide, named for what a reader wants.
type Topic struct{ Name, About string }

// Topics are the guides, in the order in which they are listed.
var Topics = []Topic{
	{"start", "install it, and see it work"},
	{"ci", "use it in CI"},
	{"gateway", "a module proxy of your own, for what only knows a GOPROXY"},
	{"policy", "say what it may do, for a team or a machine"},
	{"policy-reference", "every key of the policy file"},
	{"failures", "a command failed or was slow: find out why"},
	{"how-it-works", "what happens between typing go and Go"},
	{"security", "whom it trusts for what"},
	{"operations", "metrics, alerts, many machines"},
	{"faq", "ten questions"},
	{"architecture", "for those who change the code"},
}

// Guide is the Markdown of a topic, "" if there is none of that name.
func Guide(name string) string {
	data, err := files.ReadFile(name + ".md")
	if err != nil {
		return ""
	}
	return string(data)
}
