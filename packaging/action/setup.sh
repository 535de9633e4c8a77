#!/bin/sh
# setup.sh is what the action does (see action.yml). POSIX sh; on Windows that of Git.
set -eu

refuse() {
	printf '::error title=gosteady::%s\n' "$1"
	exit 1
}

# A line more in an input would be a variable more in GITHUB_ENV, or a command more in the log.
breaks=$(printf '\n\r.')
for input in "${INPUT_VERSION:-}" "${INPUT_SHA256:-}" "${INPUT_MODE:-}" "${INPUT_TRUST:-}" "${INPUT_SELF_HOSTED:-}"; do
	case $input in *["${breaks%.}"]*) refuse 'an input has more than one line' ;; esac
done
version=${INPUT_VERSION:-} mode=${INPUT_MODE:-shims}
if [ -z "$version" ]; then # a tag of one number or two moves, and is no release
	case ${ACTION_REF:-} in v[0-9]*.[0-9]*.[0-9]*) version=$ACTION_REF ;; esac
fi
case $version in
'') [ -z "${INPUT_SHA256:-}" ] || refuse 'sha256 goes with a version' ;;
*[!A-Za-z0-9.+-]* | [!v]* | v | v[!0-9]*) refuse 'version is no release; v0.1.0 would be one' ;;
esac
case ${INPUT_SHA256:-} in *[!0-9A-Fa-f]*) refuse 'sha256 is no SHA-256, which has 64 digits from 0 to f' ;; esac
hosted=''
[ "${RUNNER_ENVIRONMENT:-}" != github-hosted ] || hosted=1
case $mode in
shims) ;;
goroot) [ -n "$hosted" ] || [ "${INPUT_SELF_HOSTED:-}" = goroot ] ||
	refuse 'mode goroot changes the toolchains of this self-hosted runner, also for later jobs; if that is meant, say self-hosted: goroot too' ;;
*) refuse 'mode is shims or goroot' ;;
esac

# go_env asks the go in PATH, if there is one, for setting $1.
go_env() { GOSTEADY=off GOTOOLCHAIN=local go env "$1" 2>/dev/null || :; }

# setup-go puts GOPATH/bin before its own directory: a go in there is the first, whether
# setup-go runs before or after this. But it would outlive the job on other runners, so
# there it is in the directory that the runner empties, and setup-go has to come first.
dir=$RUNNER_TEMP/gosteady/shims
if [ -n "$hosted" ]; then
	gopath=$(go_env GOPATH)
	dir=${gopath:-${GOPATH:-$HOME/go}}/bin
fi
set -- --no-demo --prefix "$dir"
if [ "$mode" = goroot ]; then # that of the go in PATH, and those that setup-go may take later
	root=$(go_env GOROOT)
	if [ -n "$root" ]; then set -- "$@" --goroot "$root"; fi
	for root in ${hosted:+"${RUNNER_TOOL_CACHE:-/nonexistent}"/go/*/*}; do
		if [ -d "$root/pkg/tool" ]; then set -- "$@" --goroot "$root"; fi
	done
fi
if [ -n "$version" ]; then set -- "$@" --version "$version"; fi
if [ -n "${INPUT_SHA256:-}" ]; then set -- "$@" --sha256 "$INPUT_SHA256"; fi

# The journal is this job's; the record of what stands in toolchains is the machine's.
state=$RUNNER_TEMP/gosteady/state
if [ "$mode" = shims ]; then export GOSTEADY_STATE="$state"; fi
sh "$(dirname "$0")/../../install.sh" "$@"
printf 'GOSTEADY_STATE=%s\n' "$state" >>"$GITHUB_ENV"
if [ -n "${INPUT_TRUST:-}" ]; then printf 'GOSTEADY_TRUST=%s\n' "$INPUT_TRUST" >>"$GITHUB_ENV"; fi
