// Package transparency proves that gosteady cannot be told from plain go, and
// that it keeps its bounds when everything around it misbehaves.
//
// It has tests only. Each runs a command twice, in two worlds of the same
// shape: once with the toolchain's own go first in PATH, once with the built
// gosteady, and compares what a person, a shell or a parent process could see:
// bytes, wait status, signals, descriptors, files, and who was asked for what.
// The names of a world's own directories and servers are taken out before.
//
//	probe         the program that user code is: it reports its surroundings
//	world         the two worlds, and running a command in them
//	terminal      a pseudo-terminal: sizes, prompts, job control
//	visible       what code of the user's can see, however it is started
//	streams       descriptors, output, arguments, limits, directories
//	signals       to the process and to the group, at every moment
//	surroundings  without a home, a state, a network; nothing is written
//	nesting       go commands in go commands, installations, wrappers
//	confusion     who is asked for what, over lists, troubles and queries
//	chaos         hostile proxies, full disks, deaths
//	soak          many commands, one after another and at once
//
// They run on Linux, where /proc tells what is left of a command. Heavier
// variants run with GOSTEADY_TEST_LONG=1.
package transparency
