package oneshot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// endings are the ways in which Closed and Context end, with what they end with.
var endings = []struct {
	name, reason string
	end          func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int])
	err          error // of Closed
	cause        error // of Context
}{
	{"the receiver closes", "that is what is awaited", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
		rx.Close()
	}, nil, oneshot.ErrClosed},
	{"the receiver cancels", "it is gone as well", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
		rx.Cancel()
	}, nil, oneshot.ErrClosed},
	{"Send", "it is not the sender's affair any more", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
		tx.Send(7)
	}, oneshot.ErrSent, oneshot.ErrSent},
	{"Fail", "as Send", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
		tx.Fail(errFailed)
	}, oneshot.ErrSent, oneshot.ErrSent},
	{"Close", "as Send", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
		tx.Close()
	}, oneshot.ErrSent, oneshot.ErrSent},
}

func TestClosed(t *testing.T) {
	for _, c := range endings {
		t.Run(c.name, func(t *testing.T) {
			for _, watching := range []bool{true, false} {
				tx, rx := oneshot.New[int]()
				early := tx.Closed()
				if watching {
					if _, ready, err := early.Poll(newCounter().waker); ready || err != nil {
						t.Fatalf("at first: %v, %v", ready, err)
					}
				}
				c.end(tx, rx)
				for _, f := range []future.Future[struct{}]{early, tx.Closed()} {
					if _, ready, err := f.Poll(nil); !ready || err != c.err {
						t.Errorf("%v, %v, want %v: %s", ready, err, c.err, c.reason)
					}
					if _, ready, err := f.Poll(nil); !ready || !errors.Is(err, future.ErrConsumed) {
						t.Errorf("again: %v, %v, want ErrConsumed", ready, err)
					}
				}
			}
		})
		inBubble(t, c.name+" while it is awaited", func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			time.AfterFunc(time.Second, func() { c.end(tx, rx) })
			if _, err := future.Await(t.Context(), tx.Closed()); err != c.err {
				t.Errorf("%v, want %v: %s", err, c.err, c.reason)
			}
		})
	}
}

func TestClosedCancelled(t *testing.T) {
	tx, rx := oneshot.New[int]()
	f := tx.Closed()
	future.Cancel(f)
	future.Cancel(f)
	if _, ready, err := f.Poll(nil); !ready || !errors.Is(err, future.ErrCanceled) {
		t.Errorf("%v, %v, want ErrCanceled", ready, err)
	}
	rx.Close()
	if err := tx.Send(1); err != oneshot.ErrClosed {
		t.Errorf("Send: %v, want ErrClosed", err)
	}
}

func TestContext(t *testing.T) {
	for _, c := range endings {
		t.Run(c.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			before, cancel := tx.Context(context.Background())
			defer cancel()
			if err := before.Err(); err != nil {
				t.Fatalf("at first: %v", err)
			}
			c.end(tx, rx)
			after, cancel := tx.Context(context.Background())
			defer cancel()
			for _, ctx := range []context.Context{before, after} {
				if err := context.Cause(ctx); err != c.cause {
					t.Errorf("cause %v, want %v: %s", err, c.cause, c.reason)
				}
			}
		})
	}
	t.Run("the parent ends", func(t *testing.T) {
		tx, _ := oneshot.New[int]()
		parent, end := context.WithCancelCause(context.Background())
		ctx, cancel := tx.Context(parent)
		defer cancel()
		end(errGone)
		if err := context.Cause(ctx); err != errGone {
			t.Errorf("cause %v, want the parent's", err)
		}
	})
	t.Run("it is released", func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		ctx, cancel := tx.Context(context.Background())
		cancel()
		cancel()
		rx.Close()
		if err := context.Cause(ctx); err != context.Canceled {
			t.Errorf("cause %v, want Canceled", err)
		}
	})
}

// Any number of futures and contexts watch at once, and come and go.
func TestManyWatchers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		const n = 50
		woken := make(chan error, 2*n)
		for i := range n {
			ctx, cancel := tx.Context(t.Context())
			f := tx.Closed()
			if i%3 == 0 { // one that goes before the end
				f.Poll(newCounter().waker)
				future.Cancel(f)
				cancel()
				woken <- nil
				woken <- nil
				continue
			}
			go func() {
				_, err := future.Await(t.Context(), f)
				woken <- err
			}()
			go func() {
				defer cancel()
				<-ctx.Done()
				if err := context.Cause(ctx); err != oneshot.ErrClosed {
					woken <- err
				}
				woken <- nil
			}()
			synctest.Wait()
		}
		rx.Close()
		for range 2 * n {
			if err := <-woken; err != nil {
				t.Error(err)
			}
		}
	})
}
