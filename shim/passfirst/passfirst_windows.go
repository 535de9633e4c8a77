// Package passfirst does nothing where a process cannot replace itself.
package passfirst
