package oneshot_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var _ future.Future[int] = (*oneshot.Receiver[int])(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSendThenReceive(t *testing.T) {
	tx, rx := oneshot.New[int]()
	if _, err := rx.TryRecv(); err != oneshot.ErrEmpty {
		t.Errorf("before: %v, want ErrEmpty", err)
	}
	if err := tx.Send(1); err != nil {
		t.Fatal(err)
	}
	if err := tx.Send(2); err != oneshot.ErrSent {
		t.Errorf("second Send: %v, want ErrSent", err)
	}
	if v, err := rx.Recv(); v != 1 || err != nil {
		t.Errorf("Recv: %v, %v", v, err)
	}
	if _, err := rx.Recv(); !errors.Is(err, future.ErrConsumed) {
		t.Errorf("second Recv: %v, want ErrConsumed", err)
	}
}

func TestGuardedSenderCollected(t *testing.T) {
	_, rx := oneshot.NewGuarded[int]()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := rx.Recv(); err != oneshot.ErrDisconnected {
			t.Errorf("Recv: %v, want ErrDisconnected", err)
		}
	}()
	for {
		runtime.GC()
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

func TestCloseEndsContextAndClosed(t *testing.T) {
	tx, rx := oneshot.New[int]()
	ctx, cancel := tx.Context(context.Background())
	defer cancel()
	go rx.Close()
	if _, err := future.Await(context.Background(), tx.Closed()); err != nil {
		t.Errorf("Closed: %v", err)
	}
	<-ctx.Done()
	if err := context.Cause(ctx); err != oneshot.ErrClosed {
		t.Errorf("cause: %v, want ErrClosed", err)
	}
	if err := tx.Send(1); err != oneshot.ErrClosed {
		t.Errorf("Send: %v, want ErrClosed", err)
	}
}
