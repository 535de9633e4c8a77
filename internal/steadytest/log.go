package steadytest

// Lines of logs: a failure that passes, and one that does not.
const (
	ResetLog  = "go: golang.org/x/text@v0.3.2: read \"https://proxy.golang.org/golang.org/x/text/@v/v0.3.2.zip\": stream error: stream ID 7; INTERNAL_ERROR; received from peer\n"
	DeniedLog = "go: git.corp.example/a/b@v1.0.0: reading https://me:hunter2@goproxy.corp.example:8443/git.corp.example/a/b/@v/v1.0.0.mod: 401 Unauthorized\n"
)
