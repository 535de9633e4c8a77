package policy

// An Action is one thing that can be done about a failure.
type Action string

// The actions, as a rule's "do" names them.
const (
	ActRetry    Action = "retry"     // ask again
	ActRotate   Action = "rotate"    // ask the next upstream of the list
	ActDirect   Action = "direct"    // run again with "direct" appended to GOPROXY
	ActPurge    Action = "purge"     // replace a cache entry that is proven bad
	ActPurgeAll Action = "purge-all" // go clean -modcache
	ActVendor   Action = "vendor"    // run again with -mod=vendor
	ActFail     Action = "fail"      // leave the failure to the user
)

// actions are all of them with what a repository needs for each. Rotate is
// free between well-known public proxies, gated elsewhere.
var actions = []struct {
	name  Action
	trust Class
	doc   string
}{
	{ActRetry, Free, "ask again, with the waits of `retry`"},
	{ActRotate, Free, "ask the next upstream of GOPROXY, for versions that go.sum names; past a comma to a proxy that is not well known: gated"},
	{ActDirect, Gated, "run again with `direct` at the end of GOPROXY, after a `|` if a comma would not pass the failure on"},
	{ActPurge, Free, "replace a cache entry that is proven bad"},
	{ActPurgeAll, Gated, "`go clean -modcache`, then run again"},
	{ActVendor, Gated, "run again with `-mod=vendor`"},
	{ActFail, Free, "leave the failure to the user at once"},
}

func actionNames() []string {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = string(a.name)
	}
	return names
}

func actionTrust(a Action) Class {
	for _, row := range actions {
		if row.name == a {
			return row.trust
		}
	}
	return Never
}
