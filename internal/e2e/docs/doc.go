// Package docs holds the tests of the documentation: each command that it shows is
// run, each policy loaded, each link and name looked up.
package docs
