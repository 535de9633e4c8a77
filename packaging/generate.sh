#!/bin/sh
# generate.sh writes what a release has beside the program, into dist-files: the completion
# scripts, as the program itself prints them, and the manual pages.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist-files
mkdir -p dist-files/completions dist-files/man
export CGO_ENABLED=0 GOOS='' GOARCH=''
go build -trimpath -o dist-files/program .
for shell in bash:gosteady.bash zsh:_gosteady fish:gosteady.fish powershell:gosteady.ps1; do
	dist-files/program completion "${shell%:*}" >"dist-files/completions/${shell#*:}"
done
rm dist-files/program
go run ./internal/manpages dist-files/man
gzip -9n dist-files/man/*
# An apk keeps the time of its script.
cp packaging/postinstall.sh dist-files
touch -d "@$(git log -1 --format=%ct)" dist-files/postinstall.sh
