package relay

import (
	"context"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/hashicorp/go-retryablehttp"
)

// fetch makes a question's attempts: the loop is go-retryablehttp's, and these are its
// hooks. What the last attempt ended in is left in q.
func (q *question) fetch(ctx context.Context) {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), nil)
	if err != nil {
		q.fail(classify.Failure{Class: classify.Configuration}, err.Error())
		return
	}
	req.SetResponseHandler(q.receive)
	if q.prepare(req.Request) != nil {
		return
	}
	loop := &retryablehttp.Client{
		HTTPClient:   q.client(),
		RetryMax:     1 << 20, // CheckRetry knows the end
		CheckRetry:   q.checkRetry,
		Backoff:      q.backoff,
		PrepareRetry: q.prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if res, err := loop.Do(req); err == nil && res != nil {
		res.Body.Close()
	}
}

// client sends the requests of one question.
func (q *question) client() *http.Client {
	return &http.Client{Transport: &guard{up: q.up, q: q}, CheckRedirect: modproxy.CheckRedirect}
}

// checkRetry is called after the header, and again after the body was read.
func (q *question) checkRetry(ctx context.Context, res *http.Response, err error) (bool, error) {
	if err == nil && res != nil && !q.handled {
		q.try.header = q.r.now()
		q.heard(res)
		return false, nil // on to the body
	}
	if !q.handled {
		q.broken(err)
	}
	return q.decide(ctx), nil
}

// backoff is how long the loop waits.
func (q *question) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	if q.next.Wait <= 0 {
		return 0
	}
	q.tell()
	q.rested = q.r.display.sleeping(q)
	return q.r.config.Clock.Pause(q.next.Wait)
}

// prepareRetry is called after the wait.
func (q *question) prepareRetry(req *http.Request) error {
	q.wake()
	q.paused += max(0, q.next.Wait)
	return q.prepare(req)
}
