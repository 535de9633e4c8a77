// Package hygiene holds the tests of the repository itself: which modules it may
// depend on, which package may import which (the table layers), how large a piece of
// code may be (the table larger), and that it is formatted.
package hygiene
