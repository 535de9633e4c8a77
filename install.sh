#!/bin/sh
# install.sh brings the gosteady program, checks it, and has it install itself; with
# --uninstall it has it remove itself. POSIX sh. Everything else is in "gosteady install".
set -eu

usage() {
	cat <<'USAGE'
Usage: ./install.sh [options]

Builds gosteady from this checkout and runs "gosteady install". Run it again to update.

The program:
  (default)        build it; needs go1.21 or later
  --binary FILE    take this file
  --version vX.Y.Z download that release
  --sha256 SUM     the SHA-256 that FILE, or the release's archive, must have
Where ("gosteady install --help" has the details):
  (default)        ${XDG_DATA_HOME:-~/.local/share}/gosteady/shims
  --prefix DIR     the directory DIR
  --system         /usr/local/lib/gosteady/shims, for all users
  --goroot DIR     in place, in the toolchain in DIR
  --all            in place, in every toolchain that is found
  --force          also in a toolchain that a package manager owns
What else:
  --add-path       put the directory first in PATH, in the shell's start-up file
  --no-demo        do not run "gosteady demo" at the end
  --dry-run --json as of "gosteady install"
  --uninstall      remove everything that gosteady wrote
  -h, --help       print this

Environment:
  GOSTEADY_GO      the real go; else the first one in PATH that is not gosteady
  GOSTEADY_DOWNLOAD_BASE  where releases lie, for --version
USAGE
}

die() {
	printf 'gosteady: %s\n' "$*" >&2
	exit "${code:-1}"
}
misuse() { code=2 die "$1; try ./install.sh --help"; }

stage=''
trap '[ -z "$stage" ] || rm -rf "$stage"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# is_gosteady tells by the main module's path, which the linker writes into a program.
is_gosteady() { [ -f "$1" ] && LC_ALL=C grep -q "$(printf 'mod\tgithub.com/gosteady/gosteady')" "$1" 2>/dev/null; }

# real_go prints the go to build with: GOSTEADY_GO, or one in PATH or in a usual place,
# that is no gosteady, or that has its own go beside it.
real_go() {
	if [ -n "${GOSTEADY_GO:-}" ]; then
		[ -n "$(go_env "$GOSTEADY_GO" GOVERSION)" ] || die "GOSTEADY_GO=$GOSTEADY_GO is not a go that runs; unset it or correct it"
		printf '%s\n' "$GOSTEADY_GO"
		return
	fi
	rest=${PATH:-}:/usr/local/go/bin:/usr/lib/go/bin:/opt/homebrew/bin:${HOME:-}/go/bin:${HOME:-}/sdk/go/bin:
	while [ -n "$rest" ]; do
		file=${rest%%:*}/go rest=${rest#*:}
		case $file in /*) ;; *) continue ;; esac
		if is_gosteady "$file"; then file=$file.real; fi
		[ ! -x "$file" ] || [ -z "$(go_env "$file" GOVERSION)" ] || {
			printf '%s\n' "$file"
			return
		}
	done
}

# go_env asks go command $1 for setting $2, with what could make it fetch or stop set aside.
go_env() {
	(
		cd /
		unset GOROOT GOOS GOARCH GOEXPERIMENT GODEBUG
		GOSTEADY=off GOTOOLCHAIN=local GOWORK=off GO111MODULE=on GOFLAGS=-mod=mod "$1" env "$2" </dev/null 2>/dev/null
	)
}

# older is whether go version $1 ("go1.24.3") is older than $2 ("1.25.0").
older() {
	printf '%s\n%s\n' "${1#go}" "$2" | awk '
		{ sub(/[^0-9.].*/, ""); split($0, v, "."); n[NR] = (v[1] * 1000 + v[2]) * 1000 + v[3] }
		END { exit !(n[1] < n[2]) }'
}

# build writes $stage/gosteady. Of the user's settings only those about the network
# (GOPROXY, GOSUMDB, GOPRIVATE, …) may change what is built.
build() {
	src=$(cd "$(dirname "$0")" && pwd)
	[ -f "$src/main.go" ] ||
		die "$src has no source of gosteady; run install.sh from a checkout, or give --binary FILE or --version vX.Y.Z"
	real=$(real_go) || exit
	[ -n "$real" ] || die 'found no go in PATH to build with; install Go (https://go.dev/dl), or give --binary FILE or --version vX.Y.Z'
	version=$(go_env "$real" GOVERSION) toolchain=local
	version=${version#devel }
	needs=$(awk '$1 == "go" { print $2; exit }' "$src/go.mod")
	if older "$version" 1.21; then die "$real is $version; gosteady serves go1.21 and later"; fi
	if older "$version" "$needs"; then
		toolchain=go$needs+auto
		echo "gosteady: building needs go$needs and $real is $version: its toolchain switching fetches that once"
	fi
	describe=
	[ ! -e "$src/.git" ] || describe=$(git -C "$src" describe --tags --match 'v[0-9]*' --dirty 2>/dev/null ||
		git -C "$src" describe --always --dirty --exclude '*' 2>/dev/null | sed 's/^/devel-/') || :
	echo "gosteady: building with $real ($version)"
	(
		cd "$src"
		flags=-mod=readonly
		# Without HOME cmd/go has no place for its caches.
		case $(go_env "$real" GOCACHE) in '' | off) export GOCACHE="$stage/cache" ;; esac
		[ -n "$(go_env "$real" GOMODCACHE)" ] || { export GOPATH="$stage/gopath" && flags="$flags -modcacherw"; }
		GOOS=$(go_env "$real" GOHOSTOS) GOARCH=$(go_env "$real" GOHOSTARCH)
		unset GOROOT GOEXPERIMENT GODEBUG GOAMD64 GOARM GOARM64 GO386
		export GOOS GOARCH GOSTEADY=off GOTOOLCHAIN="$toolchain" GOFLAGS="$flags" GO111MODULE=on GOWORK=off CGO_ENABLED=0
		"$real" build -trimpath -buildvcs=false -ldflags "-s -w${describe:+ -X github.com/gosteady/gosteady/internal/release.Version=$describe}" \
			-o "$stage/gosteady" . </dev/null
	) || die "the build failed; if it could not fetch modules, check: $real env GOPROXY"
}

sha256() {
	if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"
	elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$1"
	elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r <"$1"
	else die 'checking a sum needs sha256sum, shasum or openssl'; fi | awk '{ print $1 }'
}

# check ends the script unless file $1, which a person knows as $2, has SHA-256 $3.
check() {
	got=$(sha256 "$1") want=$(printf '%s' "$3" | tr 'A-F' 'a-f')
	[ "$got" = "$want" ] || die "$2 has SHA-256 $got, not $want; nothing was installed"
}

fetch() {
	if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 5 -o "$2" "$1"; else wget -q -O "$2" "$1"; fi ||
		die "could not download $1; see which versions there are, or build from a checkout"
}

# download brings release $1. Its checksums.txt lies beside it: that proves a whole
# download, not who made it (--sha256, or gh attestation verify, does).
download() {
	os=$(uname -s | tr '[:upper:]' '[:lower:]') arch=$(uname -m)
	case $arch in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) die "there is no release for $arch; build from a checkout" ;; esac
	archive=gosteady_${1#v}_${os}_$arch.tar.gz
	base=${GOSTEADY_DOWNLOAD_BASE:-https://github.com/gosteady/gosteady/releases/download}/$1
	fetch "$base/$archive" "$stage/$archive"
	fetch "$base/checksums.txt" "$stage/checksums.txt"
	check "$stage/$archive" "$base/$archive" "${sum:-$(awk -v f="$archive" '$2 == f { print $1 }' "$stage/checksums.txt")}"
	tar -xzf "$stage/$archive" -C "$stage" gosteady
}

binary='' release='' sum='' uninstall='' system='' prefix='' left=$#
while [ "$left" -gt 0 ]; do
	option=$1 value=''
	shift
	left=$((left - 1))
	case $option in
	--binary=* | --version=* | --sha256=* | --prefix=* | --goroot=*) value=${option#*=} option=${option%%=*} ;;
	--binary | --version | --sha256 | --prefix | --goroot)
		[ "$left" -gt 0 ] || misuse "$option needs a value"
		value=$1
		shift
		left=$((left - 1))
		;;
	esac
	case $option in
	--binary) binary=$value ;;
	--version) release=$value ;;
	--sha256) sum=$value ;;
	--prefix | --goroot)
		[ -n "$value" ] || misuse "$option needs a directory"
		[ "$option" = --goroot ] || prefix=$value
		set -- "$@" "$option=$value"
		;;
	--uninstall) uninstall=1 ;;
	--system)
		system=1
		set -- "$@" "$option"
		;;
	--all | --force | --add-path | --no-demo | --dry-run | --json) set -- "$@" "$option" ;;
	-h | --help)
		usage
		exit 0
		;;
	*) misuse "unknown option $option" ;;
	esac
done
[ -z "$sum" ] || [ -n "$binary$release" ] || misuse '--sha256 goes with --binary or --version'

if [ -n "$uninstall" ]; then
	# The installed program removes itself, and what it knows of.
	recorded=$(sed -n 's/^ *"dir": "\(.*\)",*$/\1/p' \
		"${GOSTEADY_STATE:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/gosteady}/installs.json" \
		"${HOME:-}/Library/Application Support/gosteady/state/installs.json" /var/lib/gosteady/installs.json 2>/dev/null || :)
	while IFS= read -r dir; do
		for program in "$dir/gosteady" "$dir/bin/go"; do
			if [ "$dir" ] && is_gosteady "$program"; then exec "$program" uninstall "$@" </dev/null; fi
		done
	done <<-DIRS
		$prefix
		${system:+/usr/local/lib/gosteady/shims}
		${XDG_DATA_HOME:-${HOME:-}/.local/share}/gosteady/shims
		$(dirname "$(command -v gosteady || :)")
		$recorded
	DIRS
	if is_gosteady "$binary"; then exec "$binary" uninstall "$@"; fi
	[ -z "$prefix" ] || [ ! -e "$prefix/go" ] || die "$prefix/go is not gosteady; nothing was removed"
	echo 'gosteady: nothing to remove: no installed gosteady was found; name its directory with --prefix'
	exit 0
fi

[ -n "${HOME:-}${XDG_DATA_HOME:-}$prefix$system" ] || case $* in *--goroot* | *--all*) ;; *) die 'HOME is not set; name a directory with --prefix DIR, or use --system' ;; esac
stage=$(mktemp -d "${TMPDIR:-/tmp}/gosteady-install.XXXXXX") || die 'cannot make a directory for temporary files; set TMPDIR'
if [ -n "$binary" ]; then
	[ -f "$binary" ] || die "--binary $binary: there is no such file"
	cp "$binary" "$stage/gosteady"
	[ -z "$sum" ] || check "$stage/gosteady" "--binary $binary" "$sum"
	is_gosteady "$stage/gosteady" || die "--binary $binary is not gosteady; nothing was installed"
	chmod 755 "$stage/gosteady"
elif [ -n "$release" ]; then
	download "$release"
else
	build
fi
"$stage/gosteady" version >/dev/null 2>&1 </dev/null ||
	die "${binary:-$stage/gosteady} does not run on this machine ($(uname -sm)); nothing was installed (where $stage is mounted noexec, set TMPDIR)"
"$stage/gosteady" install "$@"
