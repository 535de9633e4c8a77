// Package console knows whether a terminal draws.
package console
