// Package install holds the tests of install.sh, each on a machine of its own, in
// every shell that is here.
package install
