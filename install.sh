#!/bin/sh
# install.sh puts gosteady before the real go in PATH, updates it, or removes it.
# POSIX sh; needs a go toolchain (go1.21 or later) unless --binary is given.
set -eu

usage() {
	cat <<'USAGE'
Usage: ./install.sh [options]

Builds gosteady and installs it as "go" and "gosteady" into a directory of its
own. Run it again to update.

Where:
  (default)        ${XDG_DATA_HOME:-~/.local/share}/gosteady/shims
  --prefix DIR     DIR itself; it must not hold a real go or belong to a GOROOT
  --system         /usr/local/lib/gosteady/shims, for all users

What:
  --binary FILE    install this built gosteady instead of building one
  --sha256 SUM     the SHA-256 that FILE must have
  --add-path       put the directory first in PATH, in the shell's start-up file
                   (bash, zsh, fish, others' ~/.profile; with --system
                   /etc/profile.d); without it the line is printed
  --no-demo        do not run "gosteady demo" at the end
  --uninstall      remove everything that this script and gosteady wrote
  -h, --help       print this

Environment:
  GOSTEADY_GO      the real go; else the first one in PATH that is not gosteady
  GITHUB_PATH      set by GitHub Actions: the directory is appended to that file
USAGE
}

say() { printf '%s\n' "gosteady: $*"; }
warn() { printf '%s\n' "gosteady: $*" >&2; }
die() {
	warn "$*"
	exit 1
}

marker='# added by gosteady'
module_line=$(printf 'mod\tgithub.com/gosteady/gosteady')
system_dir=/usr/local/lib/gosteady/shims
stage='' made='' draft=''

cleanup() {
	[ -z "$draft" ] || rm -f "$draft"
	[ -z "$stage" ] || rm -rf "$stage"
	[ -z "$made" ] || remove_made # where nothing was installed
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- the command line ------------------------------------------------------

parse() {
	dir='' place='' binary='' sum='' add_path='' demo=1 uninstall=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix=*) place=prefix dir=${1#*=} ;;
		--binary=*) binary=${1#*=} ;;
		--sha256=*) sum=${1#*=} ;;
		--prefix | --binary | --sha256)
			[ $# -ge 2 ] || misuse "$1 needs a value"
			case $1 in
			--prefix) place=prefix dir=$2 ;;
			--binary) binary=$2 ;;
			--sha256) sum=$2 ;;
			esac
			shift
			;;
		--system) place=system dir=$system_dir ;;
		--add-path) add_path=1 ;;
		--no-demo) demo= ;;
		--uninstall) uninstall=1 ;;
		-h | --help)
			usage
			exit 0
			;;
		*) misuse "unknown option $1" ;;
		esac
		shift
	done
	[ -z "$sum" ] || [ -n "$binary" ] || misuse '--sha256 goes with --binary'
	[ -z "$place" ] || [ -n "$dir" ] || misuse '--prefix needs a directory'
}

misuse() {
	warn "$1; try ./install.sh --help"
	exit 2
}

# choose_dir makes $dir absolute and rejects what PATH cannot hold.
choose_dir() {
	if [ -z "$dir" ]; then
		[ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || die 'HOME is not set; name a directory with --prefix DIR, or use --system'
		dir=${XDG_DATA_HOME:-$HOME/.local/share}/gosteady/shims
	fi
	case $dir in
	/*) ;;
	*) dir=$(pwd)/$dir ;;
	esac
	while [ "$dir" != / ] && [ "${dir%/}" != "$dir" ]; do dir=${dir%/}; done
	case $dir in
	*:* | *'
'*) die "$dir cannot be an entry of PATH; choose a name without colon and newline" ;;
	esac
}

# ---- what is where ---------------------------------------------------------

# is_gosteady tells a gosteady binary from every other file: the linker writes
# the main module's path into it, as "go version -m" prints it.
is_gosteady() {
	[ -f "$1" ] && LC_ALL=C grep -q "$module_line" "$1" 2>/dev/null
}

# check_target refuses a directory that is part of a GOROOT (cmd/go takes a
# directory bin beside pkg/tool for one) and a go that is not ours.
check_target() {
	up=$dir
	while :; do
		if [ -d "$up/pkg/tool" ] || [ -f "$up/src/cmd/go/main.go" ]; then
			die "$dir is inside the GOROOT $up; choose another directory with --prefix"
		fi
		[ "$up" != / ] || break
		up=$(dirname "$up")
	done
	for name in go gosteady; do
		file=$dir/$name
		[ -e "$file" ] || [ -L "$file" ] || continue
		is_gosteady "$file" || die "$file is there and is not gosteady; choose another directory with --prefix"
	done
}

# go_env asks candidate $1 for a setting, from / and with the variables that
# could make it fetch or stop set aside. $2 is the name.
go_env() {
	(
		cd /
		unset GOROOT GOOS GOARCH GOEXPERIMENT GODEBUG
		GOSTEADY=off GOTOOLCHAIN=local GOWORK=off GO111MODULE=on GOFLAGS=-mod=mod "$1" env "$2" </dev/null 2>/dev/null
	)
}

# works is whether $1 is a go that can be run.
works() {
	[ -f "$1" ] && [ -x "$1" ] && [ -n "$(go_env "$1" GOVERSION)" ]
}

# find_real sets $real to the real go: GOSTEADY_GO, the first in PATH that is
# not gosteady, what an earlier installation found, the usual places; or to "".
find_real() {
	real=
	if [ -n "${GOSTEADY_GO:-}" ]; then
		try_real "$GOSTEADY_GO" || die "GOSTEADY_GO=$GOSTEADY_GO is not a go that runs; unset it or correct it"
		return
	fi
	rest=${PATH:-}:
	while [ -n "$rest" ]; do
		entry=${rest%%:*} rest=${rest#*:}
		case $entry in
		/*) try_real "${entry%/}/go" && return ;;
		esac
	done
	recorded=
	[ ! -f "$dir/real-go" ] || recorded=$(cat "$dir/real-go")
	for candidate in "$recorded" /usr/local/go/bin/go /usr/lib/go/bin/go /opt/homebrew/bin/go "${HOME:-}/go/bin/go" "${HOME:-}/sdk/go/bin/go"; do
		if try_real "$candidate"; then return; fi
	done
}

try_real() {
	is_gosteady "$1" && return 1
	works "$1" || return 1
	real=$1
}

# ---- building --------------------------------------------------------------

# older is whether go version $1 ("go1.24.3") is older than $2 ("1.25.0").
older() {
	printf '%s\n%s\n' "${1#go}" "$2" | awk '
		{ sub(/[^0-9.].*/, ""); split($0, v, "."); n[NR] = (v[1] * 1000 + v[2]) * 1000 + v[3] }
		END { exit !(n[1] < n[2]) }'
}

# source_version prints what "gosteady version" is to say: the tag, or which
# commit; nothing where the source is not a checkout of its own.
source_version() {
	[ -e "$src/.git" ] || return 0
	git -C "$src" describe --tags --match 'v[0-9]*' --dirty 2>/dev/null ||
		git -C "$src" describe --always --dirty --exclude '*' 2>/dev/null | sed 's/^/devel-/' || :
}

# build writes $stage/gosteady. Nothing of the user's settings but those about
# the network (GOPROXY, GOSUMDB, GOPRIVATE, …) may change what is built.
build() {
	if [ ! -f "$src/go.mod" ] || [ ! -f "$src/main.go" ]; then
		die "$src has no source of gosteady; run install.sh from a checkout, or give --binary FILE"
	fi
	[ -n "$real" ] || die 'found no go in PATH to build with; install Go (https://go.dev/dl), or give --binary FILE'
	version=$(go_env "$real" GOVERSION)
	version=${version#devel }
	needs=$(awk '$1 == "go" { print $2; exit }' "$src/go.mod")
	older "$version" 1.21 && die "$real is $version; gosteady serves go1.21 and later"
	toolchain=local
	if older "$version" "$needs"; then
		toolchain=go$needs+auto
		say "building needs go$needs and $real is $version: its toolchain switching fetches that once"
	fi
	ldflags='-s -w'
	describe=$(source_version)
	[ -z "$describe" ] || ldflags="$ldflags -X github.com/gosteady/gosteady/internal/release.Version=$describe"
	say "building with $real ($version)"
	run_build || die "the build failed; if it could not fetch modules, check: $real env GOPROXY"
}

run_build() {
	(
		cd "$src"
		hostos=$(go_env "$real" GOHOSTOS) hostarch=$(go_env "$real" GOHOSTARCH)
		flags=-mod=readonly
		# Without HOME cmd/go has no place for its caches.
		case $(go_env "$real" GOCACHE) in
		'' | off) export GOCACHE="$stage/cache" ;;
		esac
		if [ -z "$(go_env "$real" GOMODCACHE)" ]; then
			export GOPATH="$stage/gopath"
			flags="$flags -modcacherw"
		fi
		unset GOROOT GOEXPERIMENT GODEBUG GOAMD64 GOARM GOARM64 GO386
		export GOSTEADY=off GOTOOLCHAIN="$toolchain" GOFLAGS="$flags" GO111MODULE=on GOWORK=off
		export GOOS="$hostos" GOARCH="$hostarch" CGO_ENABLED=0
		"$real" build -trimpath -buildvcs=false -ldflags "$ldflags" -o "$stage/linked" . </dev/null || exit
		# A copy: the linker's own file has its pages in memory one by one, and starts half a millisecond later.
		cp "$stage/linked" "$stage/gosteady" && rm "$stage/linked"
	)
}

# take_binary puts the prebuilt file into $stage, once it is proven.
take_binary() {
	[ -f "$binary" ] || die "--binary $binary: there is no such file"
	cp "$binary" "$stage/gosteady"
	if [ -n "$sum" ]; then
		got=$(sha256 "$stage/gosteady")
		want=$(printf '%s' "$sum" | tr 'A-F' 'a-f')
		[ "$got" = "$want" ] || die "--binary $binary has SHA-256 $got, not $want; nothing was installed"
	fi
	is_gosteady "$stage/gosteady" || die "--binary $binary is not gosteady; nothing was installed"
	chmod 755 "$stage/gosteady"
	"$stage/gosteady" version >/dev/null 2>&1 </dev/null || die "--binary $binary does not run on this machine ($(uname -sm)); nothing was installed"
}

sha256() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum <"$1"
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 <"$1"
	elif command -v openssl >/dev/null 2>&1; then
		openssl dgst -sha256 -r <"$1"
	else
		die 'checking --sha256 needs sha256sum, shasum or openssl'
	fi | awk '{ print $1 }'
}

# ---- putting in place ------------------------------------------------------

# put renames a staged file into place: whoever runs the old go keeps it, and
# whoever starts one gets the old or the new, never a part.
put() {
	chmod "$2" "$stage/$1"
	mv -f "$stage/$1" "$dir/$1"
}

install_files() {
	ln "$stage/gosteady" "$stage/go" 2>/dev/null || cp "$stage/gosteady" "$stage/go"
	if [ -n "$real" ]; then
		printf '%s\n' "$real" >"$stage/real-go"
		put real-go 644
	fi
	put gosteady 755
	put go 755
}

make_stage() {
	above=$dir
	while [ ! -d "$above" ]; do made=$above above=$(dirname "$above"); done
	(umask 022 && mkdir -p "$dir") || die "cannot create $dir; choose another directory with --prefix"
	[ -w "$dir" ] || die "cannot write to $dir; choose another directory with --prefix, or become root"
	drop_stages -mtime +0 # one of today may be running
	stage=$dir/.gosteady-install.$$
	mkdir -m 700 "$stage"
}

# remove_made removes what make_stage made, from $dir up to $made, while it is empty.
remove_made() {
	above=$dir
	while rmdir "$above" 2>/dev/null && [ "$above" != "$made" ]; do above=$(dirname "$above"); done
}

# drop_stages removes the stages in $dir that runs left which were killed
# outright, those of which find's conditions hold. A directory that people
# choose has things of theirs in it: nothing but our own form of name is ours.
drop_stages() {
	for old in "$dir"/.gosteady-install.*; do
		case ${old##*.gosteady-install.} in
		'' | *[!0-9]*) continue ;;
		esac
		[ -z "$(find "$old" -prune -type d "$@")" ] || rm -rf "$old"
	done
}

# ---- PATH ------------------------------------------------------------------

# The lines for sh, fish and a Dockerfile; $PATH in them is for those to expand.
# shellcheck disable=SC2016
sh_line() { printf 'export PATH="%s:$PATH"' "$(printf %s "$dir" | sed 's/[\\"$`]/\\&/g')"; }
fish_line() { printf 'fish_add_path --path --prepend --move "%s"' "$(printf %s "$dir" | sed 's/[\\"$]/\\&/g')"; }
# shellcheck disable=SC2016
image_line() { printf 'ENV PATH="%s:$PATH"' "$(printf %s "$dir" | sed 's/[\\"$]/\\&/g')"; }

# shell_file sets $file to where the user's shell sets PATH last, and $line.
shell_file() {
	shell=${SHELL:-/bin/sh} line=$(sh_line)
	if [ "$place" = system ]; then
		file=/etc/profile.d/gosteady.sh
		[ "$(uname -s)" != Darwin ] || file=/etc/zprofile
		return
	fi
	[ -n "${HOME:-}" ] || die 'HOME is not set; --add-path knows no file to edit'
	case ${shell##*/} in
	bash)
		file=$HOME/.bashrc
		# Terminals on macOS start login shells, which do not read .bashrc.
		[ "$(uname -s)" != Darwin ] || file=$HOME/.bash_profile
		;;
	zsh) file=${ZDOTDIR:-$HOME}/.zshrc ;;
	fish) file=${XDG_CONFIG_HOME:-$HOME/.config}/fish/config.fish line=$(fish_line) ;;
	*) file=$HOME/.profile ;;
	esac
}

add_to_shell() {
	shell_file
	marked="$line $marker"
	if [ -f "$file" ] && grep -Fqx "$marked" "$file"; then
		say "$file has the line already"
		return
	fi
	mkdir -p "$(dirname "$file")" 2>/dev/null || :
	replace "$file" with_line "$marked" || die "cannot write $file; add this line yourself: $line"
	say "added to $file: $line"
	say "it holds in new shells; for this one: $line"
}

# with_line prints file $2 without our lines, and then line $1 if there is one.
with_line() {
	if [ -s "$2" ]; then
		LC_ALL=C sed "/$marker/d" "$2" || return 1
		# A last line without its newline must not swallow ours.
		[ -z "$1" ] || [ -z "$(tail -c 1 "$2")" ] || printf '\n' || return 1
	fi
	[ -z "$1" ] || printf '%s\n' "$1"
}

# without_dir prints file $1 without the line that is our directory.
without_dir() { LC_ALL=C grep -Fvx -e "$dir" "$1" || [ $? = 1 ]; }

# replace gives file $1 the content that the command in the other arguments
# prints of it, all or nothing: a full disk must not cost anyone their start-up
# file. It is written beside the file and renamed over it; of a link (people
# link such files into a repository of dotfiles), beside what it leads to.
replace() {
	target=$(follow "$1") || return 1
	draft=$target.gosteady-install.$$
	shift
	if replace_by "$@"; then status=0; else status=1; fi
	rm -f "$draft" || :
	draft=
	return "$status"
}

# replace_by makes $draft of $target and puts it in its place.
replace_by() {
	if [ ! -e "$target" ]; then
		printed "$draft" "$@" && mv -f "$draft" "$target"
		return
	fi
	cp -p "$target" "$draft" 2>/dev/null && printed "$draft" "$@" || return 1
	if [ "$(owned "$draft")" = "$(owned "$target")" ] && mv -f "$draft" "$target" 2>/dev/null; then return; fi
	overwrite
}

# printed writes to file $1 what the command in the other arguments prints of $target.
printed() {
	into=$1
	shift
	{ "$@" "$target" >"$into"; } 2>/dev/null
}

# owned prints the mode, number of names, owner and group of a file: a rename
# must change none of them.
# shellcheck disable=SC2012
owned() { ls -ldn "$1" | awk '{ print $1, $2, $3, $4 }'; }

# overwrite copies $draft into $target where that has another name or an owner
# that we cannot give, or is mounted by itself. Until it is written, what was
# in it is in a copy.
overwrite() {
	before=$target.before-gosteady.$$
	cp -p "$target" "$before" 2>/dev/null || {
		rm -f "$before"
		return 1
	}
	if { cat "$draft" >"$target"; } 2>/dev/null || { cat "$before" >"$target"; } 2>/dev/null; then
		cmp -s "$draft" "$target" && changed=0 || changed=1
		rm -f "$before"
		return "$changed"
	fi
	warn "$target could not be written; what was in it is in $before"
	return 1
}

# follow prints where the links of a path end.
follow() {
	link=$1 hops=0
	while [ -L "$link" ]; do
		hops=$((hops + 1))
		[ $hops -le 40 ] || return 1
		to=$(readlink "$link") || return 1
		case $to in
		/*) link=$to ;;
		*) link=$(dirname "$link")/$to ;;
		esac
	done
	printf '%s\n' "$link"
}

tell_github() {
	[ -n "${GITHUB_PATH:-}" ] || return 0
	if ! grep -Fqsx "$dir" "$GITHUB_PATH"; then printf '%s\n' "$dir" >>"$GITHUB_PATH"; fi
	say "appended to GITHUB_PATH: later steps use it, unless one of them runs setup-go, which puts its go first"
}

# tell_path ends the installation: is "go" ours now, and if not, what to do.
tell_path() {
	[ -z "$add_path" ] || add_to_shell
	tell_github
	found=$(command -v go 2>/dev/null || :)
	if [ "$found" = "$dir/go" ]; then
		say "ready: go is $found"
		return
	fi
	case ${found:+$(is_gosteady "$found" && echo ours)} in
	ours) say "ready in $dir; note that go is another gosteady now: $found" ;;
	*) tell_line ;;
	esac
}

tell_line() {
	case :${PATH:-}: in
	*":$dir:"*) say "$dir is in PATH, but after $found: it has to come first" ;;
	*) say "installed, but go is still ${found:-not in PATH}: $dir has to come first in PATH" ;;
	esac
	if [ -n "${GITHUB_PATH:-}" ]; then return; fi
	if in_image; then
		say 'in the Dockerfile, after this step:'
		printf '\n    %s\n\n' "$(image_line)"
	fi
	if [ -z "$add_path" ]; then
		line=$(sh_line) shell=${SHELL:-}
		[ "${shell##*/}" != fish ] || line=$(fish_line)
		say "put this line last into your shell's start-up file (./install.sh --add-path does it), and open a new shell:"
		printf '\n    %s\n\n' "$line"
	fi
}

# in_image is whether an image is being built: golang:* images set
# GOLANG_VERSION, and put /usr/local/go/bin first in PATH.
in_image() { [ -n "${GOLANG_VERSION:-}" ] || [ -f /.dockerenv ] || [ -f /run/.containerenv ]; }

# ---- proof -----------------------------------------------------------------

# prove runs the new go before anyone else does.
prove() {
	if [ -z "$real" ]; then
		warn 'found no real go to forward to yet; gosteady looks for one in PATH each time it runs'
	else
		ours=$(PATH="$dir:$PATH" go_env "$dir/go" GOVERSION) || die "$dir/go does not run; undo this with --uninstall"
		[ "$ours" = "$(go_env "$real" GOVERSION)" ] || die "$dir/go is $ours, and $real is not; undo this with --uninstall"
		say "go version, through $dir/go: $(cd / && PATH="$dir:$PATH" GOTOOLCHAIN=local "$dir/go" version 2>&1)"
	fi
	[ -n "$demo" ] || return 0
	[ -n "$real" ] || return 0
	say 'gosteady demo:'
	PATH="$dir:$PATH" "$dir/gosteady" demo </dev/null || die 'installed, but the demonstration failed (above); leave it out with --no-demo'
}

# ---- removing --------------------------------------------------------------

# remove undoes an installation in $dir; it does not mind if there is none anywhere.
remove() {
	was=1
	[ -e "$dir/go" ] || [ -e "$dir/gosteady" ] || name_another
	for name in go gosteady; do
		[ ! -e "$dir/$name" ] || is_gosteady "$dir/$name" || die "$dir/$name is not gosteady; nothing was removed"
	done
	rm -f "$dir/go" "$dir/gosteady" "$dir/real-go"
	drop_stages
	remove_empty
	incomplete=
	for file in "${HOME:-}/.bashrc" "${HOME:-}/.bash_profile" "${HOME:-}/.profile" "${ZDOTDIR:-${HOME:-}}/.zshrc" \
		"${XDG_CONFIG_HOME:-${HOME:-}/.config}/fish/config.fish" "${GITHUB_PATH:-}"; do
		forget "$file"
	done
	if [ "$place" = system ]; then
		forget /etc/profile.d/gosteady.sh
		forget /etc/zprofile
	fi
	remove_state
	remove_config
	if [ -n "$was" ]; then
		say "removed from $dir"
		say 'this shell may remember the old path: hash -r'
	fi
	[ -z "$incomplete" ]
}

# name_another ends the removal where gosteady is not in $dir but somewhere else: in
# PATH, in a line of ours, in the usual places.
name_another() {
	marked=$(sed -n "s/^export PATH=\"\(.*\):\$PATH\" $marker\$/\1/p" "${HOME:-}/.bashrc" "${HOME:-}/.bash_profile" \
		"${HOME:-}/.profile" "${ZDOTDIR:-${HOME:-}}/.zshrc" 2>/dev/null | tail -n 1) || :
	in_path=$(command -v gosteady 2>/dev/null || :)
	for other in "${in_path%/gosteady}" "$marked" "$system_dir" "${XDG_DATA_HOME:-${HOME:-}/.local/share}/gosteady/shims"; do
		if [ "$other" != "$dir" ] && is_gosteady "$other/go"; then
			die "nothing is installed in $dir, and nothing was removed; gosteady is in $other: ./install.sh --uninstall --prefix '$other'"
		fi
	done
	was=
	warn "nothing is installed in $dir; if it was somewhere else, give its --prefix"
}

# forget removes our lines from a start-up file, and our directory from
# GITHUB_PATH. A start-up file that we made is empty then, and goes.
forget() {
	[ -n "$1" ] && [ -f "$1" ] && [ -w "$1" ] || return 0
	if grep -Fq "$marker" "$1"; then
		replace "$1" with_line '' || left "$1"
		[ -s "$1" ] || [ -L "$1" ] || rm -f "$1"
	fi
	if [ "$1" = "${GITHUB_PATH:-}" ] && grep -Fqx -e "$dir" "$1"; then
		replace "$1" without_dir || left "$1"
	fi
}

left() {
	warn "cannot write $1; remove the line with $dir yourself"
	incomplete=1
}

# remove_empty removes $dir if it is empty and, for the default place, what was
# made above it.
remove_empty() {
	if [ -d "$dir" ]; then rmdir "$dir" 2>/dev/null || return 0; fi
	case $dir in
	*/gosteady/shims) rmdir "${dir%/shims}" 2>/dev/null || : ;;
	esac
	if [ -z "$place" ] && [ -z "${XDG_DATA_HOME:-}" ]; then
		rmdir "$HOME/.local/share" "$HOME/.local" 2>/dev/null || :
	fi
}

# remove_state removes the journal, stamps and what is remembered of upstreams.
remove_state() {
	for state in "${XDG_STATE_HOME:-${HOME:-}/.local/state}/gosteady" "${HOME:-}/Library/Application Support/gosteady/state"; do
		rm -rf "$state"
	done
	[ ! -d "${GOSTEADY_STATE:-}" ] || say "kept GOSTEADY_STATE=$GOSTEADY_STATE, which you named"
	[ -z "${HOME:-}" ] || rmdir "$HOME/.local/state" "$HOME/.local" 2>/dev/null || :
}

# remove_config removes the list of trusted values, which gosteady wrote; a
# policy is what a person wrote, and theirs to remove.
remove_config() {
	for config in "${XDG_CONFIG_HOME:-${HOME:-}/.config}/gosteady" "${HOME:-}/Library/Application Support/gosteady" /etc/gosteady; do
		if [ ! -w "$config" ]; then continue; fi
		if [ "$config" = /etc/gosteady ] && [ "$place" != system ]; then continue; fi
		rm -f "$config/trusted"
		rmdir "$config" 2>/dev/null || :
		[ ! -f "$config/policy.yaml" ] || say "kept the policy $config/policy.yaml, which you wrote"
	done
}

# ---- main ------------------------------------------------------------------

main() {
	parse "$@"
	choose_dir
	if [ -n "$uninstall" ]; then
		remove
		return
	fi
	check_target
	find_real
	src=$(cd "$(dirname "$0")" && pwd)
	case $binary in
	'' | /*) ;;
	*) binary=$(pwd)/$binary ;;
	esac
	make_stage
	if [ -n "$binary" ]; then take_binary; else build; fi
	install_files
	say "installed go and gosteady in $dir${real:+, for $real}"
	prove
	tell_path
}

main "$@"
