//go:build interleave

package core

import (
	"context"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
)

// Two goroutines await one receiver, one of them below a combinator, while the message
// comes. Both end: one has the message.
func TestModelTwoConsumers(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		rx := end{new(Channel[letter])}
		var got [2]letter
		var errs [2]error
		await := func(i int, f future.Future[letter]) func() {
			return func() { got[i], errs[i] = future.Await(context.Background(), f) }
		}
		m.Go("below a combinator", await(0, future.Map(rx, func(l letter) (letter, error) { return l, nil })))
		m.Go("directly", await(1, rx))
		m.Go("send", func() { _ = rx.Send(letter{7, -7}) })
		m.Wait()
		if got[0].from+got[1].from != 7 || (errs[0] == nil) == (errs[1] == nil) {
			m.Fatalf("got %v, %v, want the message once", got, errs)
		}
		for _, err := range errs {
			if err != nil && err != ErrBusy && err != ErrReceived {
				m.Fatalf("got the error %v", err)
			}
		}
	}, interleave.Preemptions(3))
}
