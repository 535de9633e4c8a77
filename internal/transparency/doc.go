// Package transparency proves that gosteady cannot be told from plain go, and
// that it keeps its bounds when everything around it misbehaves.
//
// It has tests only. Each runs a command twice, in two worlds of the same
// shape: once with the toolchain's own go first in PATH, once with the built
// gosteady, and compares what a person, a shell or a parent process could see:
// bytes, wait status, signals, descriptors, files, and who was asked for what.
// The names of a world's own directories and servers are taken out before.
//
//	probe_linux_test.go      the program that user code is: it reports its surroundings
//	world_linux_test.go      the two worlds, and running a command in them
//	terminal_linux_test.go   a pseudo-terminal
//
// They run on Linux, where /proc tells what is left of a command. Heavier
// variants run with GOSTEADY_TEST_LONG=1.
package transparency
