package classify

// HTTP classifies an HTTP answer of a module proxy, or of a checksum database
// where sumdb is set. Body is the beginning of the answer's text.
func HTTP(status int, body string, sumdb bool) Failure {
	return Failure{Class: ServerError, Transient: true, Status: status}
}

// Err classifies an error of Go's network packages.
func Err(err error) Failure { return Failure{Class: Connect, Transient: true} }

// Live reads strictly what go itself printed on its standard error, most
// decisive first; nil if there is no fetch failure.
func Live(stderr string) []Failure { return nil }

// Text reads any log tolerantly, most decisive first; nil if there is no
// fetch failure in it.
func Text(log string) []Failure { return nil }

// An Info is one row of the table of classes.
type Info struct {
	Class     Class
	Transient bool     // usually
	Summary   string   // what it is, a few plain words
	Why       string   // why it happens
	Source    string   // a public thread or document
	Folklore  string   // what the web recommends and why not to, "" if nothing
	Actions   []string // what gosteady does by default, in order
}

// Table returns the classes in table order.
func Table() []Info { return nil }

// Lookup returns the classes that a word of a policy stands for.
func Lookup(word string) (classes []Class, group, ok bool) { return nil, false, false }

// Words returns all class and group names.
func Words() []string { return nil }
