package journal

import "io/fs"

const noFollow = 0

// isOwn is true: whose a folder is stands in access lists.
func isOwn(fs.FileInfo) bool { return true }
