#!/bin/sh
# Each module for itself, each with its loop; what is wrong with the cache is thrown away.
for mod in */go.mod; do
	dir=$(dirname "$mod")
	for attempt in 1 2 3; do
		(cd "$dir" && go build -o /dev/null ./...) && continue 2
		sleep "${PAUSE:-5}"
	done
	echo "$dir failed; emptying the module cache" >&2
	go clean -modcache
	(cd "$dir" && go build -o /dev/null ./...) || exit 1
done
