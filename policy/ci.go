package policy

// ciVariables are what continuous-integration systems set; most of them set
// CI as well.
var ciVariables = []string{
	"CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "TF_BUILD", "CIRCLECI",
	"TEAMCITY_VERSION", "JENKINS_URL", "BITBUCKET_BUILD_NUMBER", "CODEBUILD_BUILD_ID",
	"DRONE", "WOODPECKER", "PROW_JOB_ID", "TRAVIS", "APPVEYOR",
}

// DetectCI reports whether the environment is that of a CI system. Nothing is
// trusted because of it: forks run there too.
func DetectCI(getenv func(string) string) bool {
	for _, name := range ciVariables {
		switch getenv(name) {
		case "", "0", "false", "FALSE", "False":
		default:
			return true
		}
	}
	return false
}
