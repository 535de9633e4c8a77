// Package e2e holds the end-to-end tests: the built gosteady in front of the real
// toolchain, with module proxies, git servers and module caches that fail. Most are
// the scripts in testdata/script. Packages below it try the docs and install.sh.
package e2e
