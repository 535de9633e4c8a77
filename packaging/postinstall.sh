#!/bin/sh
# After the first installation of a deb, rpm or apk: asks nothing, changes nothing, says
# one line.
case ${1:-} in
configure) [ -z "${2:-}" ] || exit 0 ;; # dpkg: an update from version $2
[2-9]) exit 0 ;;                        # rpm: so many are installed now
esac
# shellcheck disable=SC2016 # the shell that reads it has PATH
echo 'gosteady: installed, and not in use yet; in front of go: export PATH="/usr/lib/gosteady/shims:$PATH", in place of it: gosteady install --goroot DIR'
