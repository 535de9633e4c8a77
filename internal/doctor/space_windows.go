package doctor

import "golang.org/x/sys/windows"

// freeSpace is what this user may still write.
func freeSpace(dir string) (uint64, bool) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, false
	}
	return free, true
}

// deviceOf is not asked here: mounts inside the cache are an affair of image
// builds.
func deviceOf(string) (uint64, bool) { return 0, false }
