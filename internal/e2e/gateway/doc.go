// Package gateway has the tests of gosteady serve as clients meet it: the built program,
// the real go, and proxies that fail.
package gateway
