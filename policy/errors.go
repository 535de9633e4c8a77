package policy

// A Problem is one thing that is wrong in a file or a variable.
type Problem struct {
	File    string // as a person in the working directory would name it; or the variable
	Line    int    // 1-based; 0 in a variable
	Column  int
	Key     string // with dots
	Text    string // what is wrong and what is allowed
	Warning bool   // the rest of the file is used
}

// An Ignored value would need this machine's trust.
type Ignored struct {
	Trust  string // what would have to be trusted: "proxy=https://…", "rotate"
	Origin Origin
}

// A File is one that was looked at.
type File struct {
	Path    string
	Layer   Layer
	Skipped string // why it was not read, "" if it was
}
