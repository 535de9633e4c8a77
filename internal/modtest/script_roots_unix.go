//go:build unix

package modtest

import "github.com/rogpeppe/go-internal/testscript"

// CanTrust reports whether scripts can have certificates accepted.
func CanTrust() bool { return true }

func trustBySystem(*testscript.TestScript, []byte) {}
