package front

// A Route is how an invocation is carried out.
type Route int

const (
	Pass      Route = iota // the real go replaces us
	Supervise              // relay on, the real go as a child, healed and perhaps run again
	Warm                   // the same command with -n under supervision first, then Pass
)

func (r Route) String() string { return [...]string{"pass", "supervise", "warm"}[r] }

// A command is a subcommand of go. The zero value is one that we do not know,
// and passes.
type command struct {
	name  string
	route Route
	traits
}

type traits uint8

const (
	// vendors: it reads an automatic vendor directory instead of fetching
	// (modload.setDefaultBuildMod).
	vendors traits = 1 << iota
	// again: it writes nothing to standard output, and changes nothing, before it
	// has fetched all that it needs. (list -m, graph and why print at their end; fmt
	// and fix edit as they go.)
	again
	// anywhere: it reads flags after the packages too.
	anywhere
)

func (c command) honoursVendor() bool { return c.traits&vendors != 0 }
func (c command) repeatable() bool    { return c.traits&again != 0 }
func (c command) flagsAnywhere() bool { return c.traits&anywhere != 0 }

// commandNamed finds a command by its one or two words.
func commandNamed(name string) command {
	for _, c := range commands {
		if c.name == name {
			return c
		}
	}
	return command{}
}

// commands has every subcommand of go1.21 to go1.27 with its route, before the
// settings and flags have their say. What is not in it passes: we fail open.
var commands = [...]command{
	{"bug", Pass, 0},
	{"build", Supervise, vendors | again},
	{"clean", Supervise, 0}, // with packages; else see passes
	{"doc", Supervise, again},
	{"env", Pass, 0},
	{"fix", Supervise, anywhere},
	{"fmt", Supervise, 0},
	{"generate", Warm, vendors},
	{"get", Supervise, again},
	{"help", Pass, 0},
	{"install", Supervise, vendors | again},
	{"list", Supervise, vendors | again},
	{"mod download", Supervise, again},
	{"mod edit", Pass, 0},
	{"mod graph", Supervise, again},
	{"mod init", Pass, 0},
	{"mod tidy", Supervise, again},
	{"mod vendor", Supervise, again},
	{"mod verify", Supervise, again},
	{"mod why", Supervise, again},
	{"run", Warm, vendors},
	{"telemetry", Pass, 0},
	{"test", Warm, vendors | anywhere},
	{"tool", Warm, vendors}, // a module's tool; else see passes
	{"version", Pass, 0},
	{"vet", Supervise, vendors | again | anywhere},
	{"work edit", Pass, 0},
	{"work init", Pass, 0},
	{"work sync", Supervise, again},
	{"work use", Supervise, again},
	{"work vendor", Supervise, again},
}
