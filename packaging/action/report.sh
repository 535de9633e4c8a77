#!/bin/sh
# report.sh adds the totals of a job to its summary (see report/action.yml), where there
# are any. It never fails: what it tells of is over.
if ! go steady version >/dev/null 2>&1; then
	printf '::warning title=gosteady::the first go in PATH is not gosteady: %s; was setup-go run after it, on a self-hosted runner?\n' "$(command -v go)"
	exit 0
fi
if totals=$(go steady stats --json) && printf %s "$totals" | grep -q '"invocations": [1-9]'; then
	{
		printf '### gosteady: all of this job\n\n```text\n'
		go steady stats
		printf '```\n\n'
	} >>"$GITHUB_STEP_SUMMARY"
fi
exit 0
