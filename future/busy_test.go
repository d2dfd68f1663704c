package future_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// leaves are futures that are ready when settle is called.
var leaves = map[string]func() (f future.Future[int], settle func()){
	"Receiver": func() (future.Future[int], func()) {
		tx, rx := oneshot.New[int]()
		return rx, func() { tx.Send(1) }
	},
	"Go": func() (future.Future[int], func()) {
		c := make(chan struct{})
		return future.Go(func() (int, error) { <-c; return 1, nil }), func() { close(c) }
	},
	"clone of a Share": func() (future.Future[int], func()) {
		tx, rx := oneshot.New[int]()
		return future.Share[int](rx), func() { tx.Send(1) }
	},
	"Closed": func() (future.Future[int], func()) {
		tx, rx := oneshot.New[int]()
		return future.Map(tx.Closed(), func(struct{}) (int, error) { return 1, nil }), rx.Close
	},
	"Set.Next": func() (future.Future[int], func()) {
		tx, rx := oneshot.New[int]()
		set := new(future.Set[int])
		set.Add(rx)
		return future.Map(set.Next(), func(r future.Result[int]) (int, error) { return r.Value, r.Err }),
			func() { tx.Send(1) }
	},
	"All": func() (future.Future[int], func()) {
		tx, rx := oneshot.New[int]()
		return future.Map(future.All[int](rx), func(vs []int) (int, error) { return vs[0], nil }), func() { tx.Send(1) }
	},
}

// Of two goroutines that await one future the second gets ErrBusy, and the first the
// result, whatever the future is.
func TestSecondGoroutineGetsErrBusy(t *testing.T) {
	for name, leaf := range leaves {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, settle := leaf()
				first, second := make(chan error, 1), make(chan error, 1)
				go func() { _, err := future.Await(context.Background(), f); first <- err }()
				synctest.Wait()
				go func() { _, err := future.Await(context.Background(), f); second <- err }()
				if err := <-second; err != future.ErrBusy {
					t.Errorf("the second got %v, want ErrBusy", err)
				}
				settle()
				if err := <-first; err != nil {
					t.Errorf("the first got %v, want the result", err)
				}
			})
		})
	}
}

// A mover is a consumer that waits for one future, and goes on to wait for another one
// when it has been asked for the first time.
type mover struct {
	waker    future.Waker
	waits    any
	moveOn   func()
	wakes    int
	consumes int
}

func (m *mover) OnWake() { m.wakes++ }

func (m *mover) Consuming(_ *future.Waker, is func(f any)) bool {
	is(m.waits)
	if m.consumes++; m.consumes == 1 {
		m.moveOn()
	}
	return true
}

// A consumer that comes back to a future after it was asked, and before the newcomer's
// waker is there, is woken: otherwise it would wait without a waker.
func TestConsumerThatComesBackMeanwhileIsWoken(t *testing.T) {
	for name, leaf := range leaves {
		if name == "Set.Next" || name == "All" {
			continue // these are polled by one goroutine at a time
		}
		t.Run(name, func(t *testing.T) {
			f, settle := leaf()
			defer settle()
			m := &mover{waits: future.Never[int]()}
			m.waker.Init(m)
			m.moveOn = func() {
				if _, ready, err := f.Poll(&m.waker); ready {
					t.Fatalf("ready with %v", err)
				}
				m.waits = f
			}
			f.Poll(&m.waker)
			newcomer := future.NewWaker(func() {})
			if _, ready, err := f.Poll(newcomer); ready {
				t.Fatalf("the newcomer got %v, want that it waits", err)
			}
			if m.wakes == 0 {
				t.Error("the consumer that came back was not woken")
			}
		})
	}
}

// A Share is busy, and not over, while another consumer waits for its source.
func TestShareOfBusyFutureGoesOnLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		ctx, cancel := context.WithCancel(t.Context())
		go future.Await(ctx, future.Borrow[int](rx))
		synctest.Wait()
		a := future.Share[int](rx)
		b := a.Clone()
		for name, clone := range map[string]*future.Shared[int]{"the first clone": a, "the second": b} {
			if _, err := future.Await(t.Context(), clone); err != future.ErrBusy {
				t.Errorf("%s got %v, want ErrBusy", name, err)
			}
		}
		cancel()
		synctest.Wait()
		tx.Send(1)
		for name, clone := range map[string]*future.Shared[int]{"the first clone": a, "the second": b} {
			if v, err := future.Await(t.Context(), clone); v != 1 || err != nil {
				t.Errorf("%s got (%d, %v), want 1", name, v, err)
			}
		}
	})
}

// A clone that is given to a combinator twice is an error of that combinator.
func TestCloneGivenTwiceIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		s := future.Share[int](rx)
		end := make(chan error, 1)
		go func() { _, err := future.Await(context.Background(), future.All[int](s, s)); end <- err }()
		synctest.Wait()
		tx.Send(1)
		if err := <-end; !errors.Is(err, future.ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
	})
}
