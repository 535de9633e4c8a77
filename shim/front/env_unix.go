//go:build unix

package front

func sameName(a, b string) bool { return a == b }
