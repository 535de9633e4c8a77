#!/bin/sh
set -e
for mod in */go.mod; do
	(cd "$(dirname "$mod")" && go build -o /dev/null ./...)
done
