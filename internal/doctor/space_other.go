//go:build !(linux || darwin || freebsd || windows)

package doctor

func freeSpace(string) (uint64, bool) { return 0, false }

func deviceOf(string) (uint64, bool) { return 0, false }
