package retry

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// A Loop makes the attempts of one GET request. The loop itself is go-retryablehttp's;
// its hooks are called here by what they are for, all of them by the goroutine of Run.
type Loop struct {
	Client *http.Client

	Begin  func(*http.Request) error  // before each attempt; an error ends the loop
	Header func(*http.Response)       // an answer has begun
	Read   func(*http.Response) error // reads it; an error says that it is no good
	// Next is called at the end of each attempt, err is that of one without an answer.
	Next func(ctx context.Context, err error) (wait time.Duration, again bool)
	// Pause is called before a wait, and returns what the timer is set to.
	Pause func(time.Duration) time.Duration
}

// Run makes the attempts. Its error is one of a request that could not be made.
func (l Loop) Run(ctx context.Context, url string) error {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	var read bool
	var wait time.Duration
	begin := func(req *http.Request) error {
		read = false
		return l.Begin(req)
	}
	req.SetResponseHandler(func(res *http.Response) error {
		defer res.Body.Close()
		read = true
		return l.Read(res)
	})
	if err := begin(req.Request); err != nil {
		return err
	}
	client := &retryablehttp.Client{
		HTTPClient: l.Client,
		RetryMax:   1 << 20, // Next knows the end
		CheckRetry: func(ctx context.Context, res *http.Response, err error) (again bool, _ error) {
			if err == nil && res != nil && !read {
				l.Header(res)
				return false, nil // on to the body
			}
			if read {
				err = nil // Read knows it
			}
			wait, again = l.Next(ctx, err)
			return again, nil
		},
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
			if wait <= 0 {
				return 0
			}
			return l.Pause(wait)
		},
		PrepareRetry: begin,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if res, err := client.Do(req); err == nil && res != nil {
		res.Body.Close()
	}
	return nil
}
