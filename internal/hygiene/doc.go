// Package hygiene holds the tests of the repository itself: which modules it may
// depend on, which package may import which, how large
// a piece of code may be, and that it is formatted.
package hygiene
