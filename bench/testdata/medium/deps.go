//go:build tools

package main

import (
	_ "github.com/gohugoio/hugo/commands"
)
