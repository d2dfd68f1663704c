package oneshot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Every method of a nil Sender or Receiver, but String, panics with a text that names
// the method and the end. A nil argument that has no meaning is named in the same way.
func TestNil(t *testing.T) {
	var tx *oneshot.Sender[int]
	var rx *oneshot.Receiver[int]
	realTx, realRx := oneshot.New[int]()
	ctx := context.Background()
	var none context.Context
	for _, c := range []struct {
		want string
		do   func()
	}{
		{"oneshot: Send of a nil Sender", func() { tx.Send(1) }},
		{"oneshot: SendResult of a nil Sender", func() { tx.SendResult(1, errFailed) }},
		{"oneshot: SendResult of a nil Sender", func() { tx.SendResult(1, nil) }},
		{"oneshot: SendResult of a nil Sender", func() { tx.Fail(errFailed) }},
		{"oneshot: Close of a nil Sender", func() { tx.Close() }},
		{"oneshot: IsOver of a nil Sender", func() { tx.IsOver() }},
		{"oneshot: IsClosed of a nil Sender", func() { tx.IsClosed() }},
		{"oneshot: Closed of a nil Sender", func() { tx.Closed() }},
		{"oneshot: OnClose of a nil Sender", func() { tx.OnClose(func() {}) }},
		{"oneshot: Context of a nil Sender", func() { tx.Context(ctx) }},
		{"oneshot: TryRecv of a nil Receiver", func() { rx.TryRecv() }},
		{"oneshot: Recv of a nil Receiver", func() { rx.Recv() }},
		{"oneshot: RecvTimeout of a nil Receiver", func() { rx.RecvTimeout(0) }},
		{"oneshot: RecvTimeout of a nil Receiver", func() { rx.RecvDeadline(time.Time{}) }},
		{"oneshot: RecvContext of a nil Receiver", func() { rx.RecvContext(ctx) }},
		{"oneshot: Poll of a nil Receiver", func() { rx.Poll(nil) }},
		{"oneshot: Close of a nil Receiver", func() { rx.Close() }},
		{"oneshot: Cancel of a nil Receiver", func() { rx.Cancel() }},
		{"oneshot: OnDrop of a nil Receiver", func() { rx.OnDrop(func(int) {}) }},
		{"oneshot: HasMessage of a nil Receiver", func() { rx.HasMessage() }},
		{"oneshot: IsClosed of a nil Receiver", func() { rx.IsClosed() }},
		{"oneshot: OnClose of a nil function", func() { realTx.OnClose(nil) }},
		{"oneshot: OnDrop of a nil function", func() { realRx.OnDrop(nil) }},
		{"oneshot: Context with a nil parent", func() { realTx.Context(none) }},
		{"oneshot: RecvContext with a nil context", func() { realRx.RecvContext(none) }},
		{"", func() { _ = tx.String() + rx.String() }},
		{"", func() { rx.Settles() }},
		{"", func() { realTx.Fail(nil) }},
		{"", func() { realRx.Poll(new(future.Waker)) }},
	} {
		func() {
			defer func() {
				got := recover()
				if c.want == "" && got != nil || c.want != "" && got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.do()
		}()
	}
	if err := realTx.Send(1); err != oneshot.ErrSent {
		t.Errorf("Send after Fail(nil): %v, want ErrSent", err)
	}
}

// The zero Sender and the zero Receiver are ends whose other one is missing.
func TestZeroEnds(t *testing.T) {
	var tx oneshot.Sender[int]
	ctx, cancel := tx.Context(context.Background())
	defer cancel()
	if tx.IsOver() || tx.IsClosed() || ctx.Err() != nil {
		t.Errorf("a zero Sender: over %v, closed %v, context %v", tx.IsOver(), tx.IsClosed(), ctx.Err())
	}
	if err := tx.Send(1); err != nil {
		t.Errorf("Send: %v", err)
	}
	if err := tx.Send(2); err != oneshot.ErrSent {
		t.Errorf("Send again: %v, want ErrSent", err)
	}
	if err := context.Cause(ctx); err != oneshot.ErrSent {
		t.Errorf("the context's cause: %v, want ErrSent", err)
	}
	var rx oneshot.Receiver[int]
	if _, err := rx.TryRecv(); err != oneshot.ErrEmpty {
		t.Errorf("TryRecv: %v, want ErrEmpty", err)
	}
	if _, err := rx.RecvTimeout(1); err != oneshot.ErrTimeout {
		t.Errorf("RecvTimeout: %v, want ErrTimeout", err)
	}
	rx.Close()
	if _, err := rx.Recv(); err != oneshot.ErrClosed {
		t.Errorf("Recv after Close: %v, want ErrClosed", err)
	}
}

// Both ends can be printed and logged while they are used, by %v and by slog.
func TestPrintedInUse(t *testing.T) {
	for _, guarded := range []bool{false, true} {
		tx, rx := oneshot.New[int]()
		if guarded {
			tx, rx = oneshot.NewGuarded[int]()
		}
		closed := tx.Closed()
		var log strings.Builder
		var wg sync.WaitGroup
		wg.Go(func() {
			logger := slog.New(slog.NewTextHandler(&log, nil))
			for range 50 {
				logger.Info("in use", "tx", tx, "rx", rx, "closed", closed)
				fmt.Fprintf(&log, "%v %+v %s", tx, rx, closed)
			}
		})
		closed.Poll(newCounter().waker)
		rx.OnDrop(func(int) {})
		rx.Poll(newCounter().waker)
		tx.SendResult(1, errFailed)
		rx.TryRecv()
		rx.Close()
		closed.Poll(nil)
		wg.Wait()
		if got, want := fmt.Sprint(tx, rx, closed), "oneshot.Sender(received) oneshot.Receiver(received) oneshot.Closed"; got != want {
			t.Errorf("guarded %v: %q, want %q", guarded, got, want)
		}
	}
	for want, end := range map[string]func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]){
		"empty":        func(*oneshot.Sender[int], *oneshot.Receiver[int]) {},
		"waiting":      func(_ *oneshot.Sender[int], rx *oneshot.Receiver[int]) { rx.Poll(newCounter().waker) },
		"message":      func(tx *oneshot.Sender[int], _ *oneshot.Receiver[int]) { tx.Send(1) },
		"failed":       func(tx *oneshot.Sender[int], _ *oneshot.Receiver[int]) { tx.Fail(errFailed) },
		"disconnected": func(tx *oneshot.Sender[int], _ *oneshot.Receiver[int]) { tx.Close() },
		"closed":       func(_ *oneshot.Sender[int], rx *oneshot.Receiver[int]) { rx.Close() },
	} {
		tx, rx := oneshot.New[int]()
		end(tx, rx)
		if got := tx.String() + " " + rx.String(); got != fmt.Sprintf("oneshot.Sender(%s) oneshot.Receiver(%[1]s)", want) {
			t.Errorf("got %s, want both %s", got, want)
		}
	}
	var tx *oneshot.Sender[int]
	var rx *oneshot.Receiver[int]
	if got, want := fmt.Sprint(tx, rx), "oneshot.Sender(nil) oneshot.Receiver(nil)"; got != want {
		t.Errorf("nil: %q, want %q", got, want)
	}
}

// The errors are what callers test for.
func TestErrorIdentity(t *testing.T) {
	for _, c := range []struct{ err, is error }{
		{oneshot.ErrClosed, future.ErrCanceled},
		{oneshot.ErrClosed, context.Canceled},
		{oneshot.ErrReceived, future.ErrConsumed},
		{oneshot.ErrTimeout, future.ErrTimeout},
		{oneshot.ErrTimeout, context.DeadlineExceeded},
		{oneshot.ErrBusy, future.ErrBusy},
	} {
		if !errors.Is(c.err, c.is) {
			t.Errorf("%v is not %v", c.err, c.is)
		}
	}
	if oneshot.ErrBusy != future.ErrBusy {
		t.Error("ErrBusy is another value than future.ErrBusy")
	}
	if errors.Is(oneshot.ErrDisconnected, context.Canceled) || errors.Is(oneshot.ErrSent, context.Canceled) {
		t.Error("ErrDisconnected or ErrSent is context.Canceled")
	}
}
