#!/bin/sh
# install.sh brings the gosteady program, checks it, and has it install or remove itself.
# POSIX sh. Everything else is in "gosteady install".
set -eu

usage() {
	cat <<'USAGE'
Usage: ./install.sh [options]

Builds gosteady from this checkout and runs "gosteady install". Run it again to update.

  --binary FILE --version vX.Y.Z   take this file, or download that release: build nothing
  --sha256 SUM                     what FILE, the archive or its checksums.txt must have
  --uninstall                      remove everything that gosteady wrote
  -h --help                        print this

and those of "gosteady install": --prefix DIR --system --add-path for shims, --goroot DIR
--all --force to stand in place, --no-demo --dry-run --json.

GOSTEADY_GO names the real go; GOSTEADY_DOWNLOAD_BASE where releases lie, for --version.
USAGE
}

die() {
	printf 'gosteady: %s\n' "$1" >&2
	exit "${2:-1}"
}
misuse() { die "$1; try ./install.sh --help" 2; }

# is_gosteady tells by the main module's path, which the linker writes into a program.
is_gosteady() { [ -f "$1" ] && LC_ALL=C grep -q "$(printf 'mod\tgithub.com/gosteady/gosteady')" "$1" 2>/dev/null; }

# go_env asks go command $1 for setting $2, with what could make it fetch or stop set aside.
go_env() (
	cd / && unset GOROOT GOOS GOARCH GOEXPERIMENT GODEBUG
	GOSTEADY=off GOTOOLCHAIN=local GOWORK=off GO111MODULE=on GOFLAGS=-mod=mod "$1" env "$2" </dev/null 2>/dev/null
)

# real_go prints the go to build with: the first that runs and is no gosteady.
real_go() {
	if [ -n "${GOSTEADY_GO:-}" ]; then
		[ -n "$(go_env "$GOSTEADY_GO" GOVERSION)" ] || die "GOSTEADY_GO=$GOSTEADY_GO is not a go that runs; unset it or correct it"
		printf '%s\n' "$GOSTEADY_GO" && return
	fi
	rest=${PATH:-}:/usr/local/go/bin:/usr/lib/go/bin:/opt/homebrew/bin:${HOME:-}/go/bin:${HOME:-}/sdk/go/bin:
	while [ -n "$rest" ]; do
		file=${rest%%:*}/go rest=${rest#*:}
		if is_gosteady "$file"; then file=$file.real; fi # it stands in place
		case $file in /*) [ -z "$(go_env "$file" GOVERSION)" ] || { printf '%s\n' "$file" && return; } ;; esac
	done
}

# build writes $stage/gosteady. Of the user's settings only those about the network
# (GOPROXY, GOSUMDB, GOPRIVATE, …) may change what is built; a go that is too old for
# go.mod fetches a newer one, once.
build() {
	src=$(cd "$(dirname "$0")" && pwd)
	[ -f "$src/main.go" ] || die "$src has no source of gosteady; run install.sh from a checkout, or give --binary FILE or --version vX.Y.Z"
	real=$(real_go) || exit
	[ -n "$real" ] || die 'found no go in PATH to build with; install Go (https://go.dev/dl), or give --binary FILE or --version vX.Y.Z'
	version=$(go_env "$real" GOVERSION)
	case $version in go1.? | go1.?.* | go1.1? | go1.1?.* | go1.20*) die "$real is $version; gosteady serves go1.21 and later" ;; esac
	describe=$(git -C "$src" describe --tags --match 'v[0-9]*' --dirty 2>/dev/null ||
		git -C "$src" describe --always --dirty --exclude '*' 2>/dev/null | sed 's/^/devel-/') || :
	[ -e "$src/.git" ] || describe=''
	echo "gosteady: building with $real ($version)"
	(
		flags=-mod=readonly
		# Without HOME cmd/go has no place for its caches.
		case $(go_env "$real" GOCACHE) in '' | off) export GOCACHE="$stage/cache" ;; esac
		[ -n "$(go_env "$real" GOMODCACHE)" ] || { export GOPATH="$stage/gopath" && flags="$flags -modcacherw"; }
		GOOS=$(go_env "$real" GOHOSTOS) GOARCH=$(go_env "$real" GOHOSTARCH)
		unset GOROOT GOEXPERIMENT GODEBUG GOAMD64 GOARM GOARM64 GO386
		export GOOS GOARCH GOSTEADY=off GOTOOLCHAIN=auto GOFLAGS="$flags" GO111MODULE=on GOWORK=off CGO_ENABLED=0
		cd "$src" && "$real" build -trimpath -buildvcs=false -o "$stage/gosteady" \
			-ldflags "-s -w${describe:+ -X github.com/gosteady/gosteady/internal/release.Version=$describe}" . </dev/null
	) || die "the build failed; if it could not fetch modules, check: $real env GOPROXY"
}

sha256() {
	got=$(sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1" 2>/dev/null || openssl dgst -sha256 -r <"$1") ||
		die 'checking a sum needs sha256sum, shasum or openssl'
	printf '%s\n' "${got%% *}"
}

# check ends the script unless file $1, which a person knows as $2, has SHA-256 $3.
check() {
	got=$(sha256 "$1") || exit
	[ "$got" = "$3" ] || die "$2 has SHA-256 $got, not ${3:-one in checksums.txt}; nothing was installed"
}

fetch() {
	if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 5 -o "$stage/$2" "$1/$2"; else wget -q -O "$stage/$2" "$1/$2"; fi ||
		die "could not download $1/$2; see which versions there are, or build from a checkout"
}

# download brings release $1. The checksums.txt beside it proves a whole download; who made
# it is proved by a sum from elsewhere, of the archive or of checksums.txt, or else by the
# attestation of the build, where gh is there and logged in.
download() {
	os=$(uname -s | tr '[:upper:]' '[:lower:]') arch=$(uname -m) kind=tar.gz
	case $os in mingw* | msys* | cygwin*) os=windows kind=zip ;; esac
	case $arch in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; esac
	archive=gosteady_${1#v}_${os}_$arch.$kind base=${GOSTEADY_DOWNLOAD_BASE:-https://github.com/gosteady/gosteady/releases/download}/$1
	fetch "$base" checksums.txt
	fetch "$base" "$archive"
	want=$(awk -v f="$archive" '$2 == f || $2 == "*" f { print $1 }' "$stage/checksums.txt")
	[ -z "$sum" ] || [ "$(sha256 "$stage/checksums.txt")" = "$sum" ] || want=$sum
	check "$stage/$archive" "$base/$archive" "$want"
	[ -n "$sum" ] || attested "$stage/$archive"
	case $kind in zip) unzip -q "$stage/$archive" gosteady.exe -d "$stage" ;; *) tar -xzf "$stage/$archive" -C "$stage" gosteady ;; esac
}

# attested verifies that the release workflow has built file $1, where that can be known.
attested() {
	if ! gh attestation verify --help >/dev/null 2>&1 || ! gh auth status >/dev/null 2>&1; then return; fi
	gh attestation verify "$1" --repo gosteady/gosteady --signer-workflow gosteady/gosteady/.github/workflows/release.yml >/dev/null ||
		die "gh cannot verify that gosteady's release workflow has built $archive; nothing was installed (--sha256 SUM, with a sum that you trust, does without gh)"
}

# places prints where gosteady may be: directories of shims, and GOROOTs.
places() {
	printf '%s\n' "$prefix" "${system:+/usr/local/lib/gosteady/shims}" "${XDG_DATA_HOME:-${HOME:-}/.local/share}/gosteady/shims"
	command -v gosteady | sed 's,/gosteady$,,'
	sed -n 's/^ *"dir": "\(.*\)",*$/\1/p' "${GOSTEADY_STATE:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/gosteady}/installs.json" \
		"${HOME:-}/Library/Application Support/gosteady/state/installs.json" /var/lib/gosteady/installs.json 2>/dev/null || :
}

# ours is whether file $1 is gosteady and may be run: by root only what root has put there.
ours() {
	is_gosteady "$1" && { [ "$(id -u)" != 0 ] || [ "$dir" = "$prefix" ] || [ -n "$(find -H "$1" -prune -user 0)" ]; }
}

# remove has an installed program remove itself and what it knows of. It returns where
# only one is found that is too old to know how.
remove() {
	old=''
	while IFS= read -r dir; do
		if ours "$dir/bin/go"; then exec "$dir/bin/go" steady uninstall "$@" </dev/null; fi
		ours "$dir/gosteady" || continue
		if "$dir/gosteady" help 2>&1 </dev/null | grep -q '^ *uninstall'; then exec "$dir/gosteady" uninstall "$@" </dev/null; fi
		old=$dir
	done <<-DIRS
		$(places)
	DIRS
	[ -z "$old$binary$release" ] || return 0
	[ -z "$prefix" ] || [ ! -e "$prefix/go" ] || die "$prefix/go is not gosteady; nothing was removed"
	echo 'gosteady: nothing to remove: no installed gosteady was found; name its directory with --prefix'
	exit 0
}

binary='' release='' sum='' system='' prefix='' stage='' what=install left=$#
while [ "$left" -gt 0 ]; do
	option=$1 && shift && left=$((left - 1))
	case $option in --binary | --version | --sha256 | --prefix | --goroot)
		[ "$left" -gt 0 ] || misuse "$option needs a value"
		option=$option=$1 && shift && left=$((left - 1)) ;;
	esac
	case $option in
	--prefix= | --goroot=) misuse "${option%=} needs a directory" ;;
	--binary=*) binary=${option#*=} ;;
	--version=*) release=${option#*=} ;;
	--sha256=*) sum=$(printf '%s' "${option#*=}" | tr 'A-F' 'a-f') ;;
	--prefix=*) prefix=${option#*=} && set -- "$@" "$option" ;;
	--system) system=1 && set -- "$@" "$option" ;;
	--goroot=* | --all | --force | --add-path | --no-demo | --dry-run | --json) set -- "$@" "$option" ;;
	--uninstall) what=uninstall ;;
	-h | --help) usage && exit 0 ;;
	*) misuse "unknown option $option" ;;
	esac
done
[ -z "$sum" ] || [ -n "$binary$release" ] || misuse '--sha256 goes with --binary or --version'
if [ "$what" = uninstall ]; then remove "$@"; fi
[ -n "${HOME:-}${XDG_DATA_HOME:-}$prefix$system" ] || case $* in *--goroot* | *--all*) ;; *) die 'HOME is not set; name a directory with --prefix DIR, or use --system' ;; esac

trap '[ -z "$stage" ] || rm -rf "$stage"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
stage=$(mktemp -d "${TMPDIR:-/tmp}/gosteady-install.XXXXXX") || die 'cannot make a directory for temporary files; set TMPDIR'
if [ -n "$binary" ]; then
	[ -f "$binary" ] || die "--binary $binary: there is no such file"
	cp "$binary" "$stage/gosteady" && chmod 755 "$stage/gosteady"
	[ -z "$sum" ] || check "$stage/gosteady" "--binary $binary" "$sum"
	is_gosteady "$stage/gosteady" || die "--binary $binary is not gosteady; nothing was installed"
elif [ -n "$release" ]; then
	download "$release"
else
	build
fi
"$stage/gosteady" version >/dev/null 2>&1 </dev/null ||
	die "${binary:-$stage/gosteady} does not run on this machine ($(uname -sm)); nothing was installed (where $stage is mounted noexec, set TMPDIR)"
"$stage/gosteady" "$what" "$@"
