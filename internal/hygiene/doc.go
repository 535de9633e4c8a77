// Package hygiene holds the tests of the repository itself: which modules it may
// depend on, which package may import which, and that the code is formatted.
package hygiene
