//go:build ignore_deps

package main
import (
 _ "github.com/goccy/go-yaml/parser"
 _ "github.com/google/shlex"
 _ "github.com/hashicorp/go-retryablehttp"
 _ "github.com/rogpeppe/go-internal/lockedfile"
 _ "github.com/rogpeppe/go-internal/testscript"
 _ "github.com/spf13/cobra"
 _ "golang.org/x/mod/zip"
 _ "golang.org/x/mod/sumdb"
 _ "golang.org/x/sys/unix"
 _ "golang.org/x/term"
)
func main(){}
