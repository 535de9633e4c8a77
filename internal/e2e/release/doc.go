// Package release holds the tests of what a release consists of: archives, packages,
// manifests, bills of materials, the image. They look at the files that .ci/release has
// built, twice, and are skipped where it has not.
package release
