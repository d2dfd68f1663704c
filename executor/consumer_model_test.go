//go:build interleave

package executor

import (
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/oneshot"
)

// Two tasks receive from one channel while the message comes, and one looks at what the
// other waits for. Both end: one has the message.
func TestModelTwoTasksReceive(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		tx, rx := oneshot.New[int]()
		one := w.spawn(future.Map(rx, func(v int) (int, error) { return v, nil }))
		two := w.spawn(rx)
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		w.end()
		v1, err1 := w.result(one)
		v2, err2 := w.result(two)
		if v1+v2 != 7 || (err1 == nil) == (err2 == nil) {
			m.Fatalf("got %d, %v and %d, %v, want the message once", v1, err1, v2, err2)
		}
		for _, err := range []error{err1, err2} {
			if err != nil && err != oneshot.ErrBusy && err != oneshot.ErrReceived {
				m.Fatalf("got the error %v", err)
			}
		}
	}, interleave.Preemptions(2))
}
