package prefetch

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/sys/windows"
)

// lockPrefetch makes us the one who fetches ahead for a module cache: twenty
// commands at once would fetch everything twenty times. A named mutex leaves
// nothing behind. It reports false if another process has it.
func lockPrefetch(modcache string) (unlock func(), ok bool) {
	name, err := windows.UTF16PtrFromString(fmt.Sprintf(`Local\gosteady-%x`, sha256.Sum256([]byte(modcache))))
	if err != nil {
		return func() {}, true
	}
	handle, err := windows.CreateMutex(nil, false, name)
	if err == windows.ERROR_ALREADY_EXISTS {
		windows.CloseHandle(handle)
		return nil, false
	}
	if err != nil {
		return func() {}, true
	}
	return func() { windows.CloseHandle(handle) }, true
}
