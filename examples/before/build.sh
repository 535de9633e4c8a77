#!/bin/sh
# The usual remedy: run the whole build again, up to five times.
for attempt in 1 2 3 4 5; do
	go build -o /dev/null ./... && exit 0
	echo "attempt $attempt failed; trying again" >&2
	sleep "${PAUSE:-5}"
done
exit 1
