// Package scripttest runs the Go distribution's own tests of cmd/go with
// gosteady standing where go stood, and compares them, test by test, with a run
// without it. The tests are those of the toolchain at hand, so nothing of them
// is in this repository:
//
//   - Build compiles $GOROOT/src/cmd/go's test binary with an overlay, made at
//     run time in a temporary directory, of two of its files. With
//     GOSTEADY_UNDER_TEST in the environment, the go that the tests and scripts
//     find in PATH is that file, and its real go (GOSTEADY_GO) is the go under
//     test: the test binary itself, which acts as cmd/go.
//   - Suite.Run runs a selection and reads each test's result.
//   - Compare lists what passes without gosteady and not with it.
//
// README.md says how to run it, and what is left out and why.
package scripttest
