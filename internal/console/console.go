// Package console knows how gosteady speaks to a person: what each of its lines begins
// with, and whether a terminal draws.
package console

// Prefix begins each line that is gosteady's own, so that nobody takes it for go's.
const Prefix = "gosteady: "
