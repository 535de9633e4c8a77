#!/bin/sh
# rules_go brings a go of its own, which fetches modules and fails as any go does.
for attempt in 1 2 3; do
	bazel build //... && exit 0
	sleep "${PAUSE:-5}"
done
exit 1
