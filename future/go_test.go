package future_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-await/await/future"
)

func TestGo(t *testing.T) {
	tests := []struct {
		name   string
		fn     func() (int, error)
		v      int
		err    error
		reason string
	}{
		{"value", func() (int, error) { return 1, nil }, 1, nil, "what fn returns is the result"},
		{"error", func() (int, error) { return 2, errTest }, 2, errTest, "a value next to an error is kept"},
		{"Goexit", func() (int, error) { runtime.Goexit(); return 3, nil }, 0, future.ErrGoexit, "it is no success"},
		{"panic", func() (int, error) { panic(errTest) }, 0, errTest, "it is told by its value"},
		{"panic of nil", func() (int, error) { panic(nil) }, 0, new(runtime.PanicNilError), "it is no Goexit"},
	}
	for _, test := range tests {
		v, err := future.Await(background, future.Go(test.fn))
		var nilPanic *runtime.PanicNilError
		ok := errors.Is(err, test.err) || errors.As(test.err, &nilPanic) && errors.As(err, &nilPanic)
		if v != test.v || !ok {
			t.Errorf("%s: got (%v, %v), want (%v, %v): %s", test.name, v, err, test.v, test.err, test.reason)
		}
	}
}

func TestGoCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, leave := false, make(chan struct{})
		f := future.Go(func() (int, error) {
			began = true
			<-leave
			return 1, nil
		})
		synctest.Wait()
		future.Cancel(f)
		if _, err := once(t, f); !began || !errors.Is(err, future.ErrCanceled) {
			t.Errorf("began: %v, error %v", began, err)
		}
		close(leave)

		f = future.Go(func() (int, error) { return 1, nil })
		synctest.Wait()
		future.Cancel(f)
		if v, err := once(t, f); v != 1 || err != nil {
			t.Errorf("a result that was there is lost: (%v, %v)", v, err)
		}
	})
}

// What is cancelled before its goroutine runs is not called.
func TestGoNotBegun(t *testing.T) {
	f, run := future.GoLater(func() (int, error) { t.Error("called"); return 0, nil })
	future.Cancel(f)
	run()
	if _, err := once(t, f); !errors.Is(err, future.ErrCanceled) {
		t.Errorf("got %v", err)
	}
}

func TestGoContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancelCause(context.Background())
		var inner context.Context
		f := future.GoContext(parent, func(ctx context.Context) (int, error) {
			inner = ctx
			return 1, nil
		})
		synctest.Wait()
		if inner.Err() == nil {
			t.Error("the context lives on after the function")
		}
		once(t, f)

		f = future.GoContext(parent, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		cancel(errTest)
		if _, err := future.Await(context.Background(), f); err != errTest {
			t.Errorf("the end of the parent did not arrive: %v", err)
		}

		told := make(chan error, 1)
		f = future.GoContext(context.Background(), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			told <- context.Cause(ctx)
			panic("nobody hears")
		})
		synctest.Wait()
		once(t, future.Race(f, future.Ready(1)))
		if err := <-told; err != future.ErrCanceled {
			t.Errorf("a loser was told %v, want ErrCanceled", err)
		}
	})
}
