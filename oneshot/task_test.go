package oneshot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A receive in a task suspends the task, whatever context it is given: in Run, where
// the sender needs the same goroutine, nothing else could end it.
func TestReceiveSuspendsTheTask(t *testing.T) {
	for _, s := range sendings {
		for _, r := range blockingReceives {
			t.Run(s.name+"/"+r.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // a hang is a deadlock there
					tx, rx := oneshot.New[int]()
					v, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
						executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) {
							for range 3 {
								executor.Yield(ctx)
							}
							return 0, s.send(tx)
						})
						return r.recv(rx)
					})
					if v != s.want || err != s.err {
						t.Errorf("%v, %v, want %v, %v", v, err, s.want, s.err)
					}
				})
			})
		}
	}
}

// A task that gives up can receive later, and the waker of an earlier Poll is put
// back.
func TestTaskThatGivesUpReceivesLater(t *testing.T) {
	cause := errors.New("cause")
	for _, c := range []struct {
		name string
		recv func(rx *oneshot.Receiver[int], own context.Context) (int, error)
		err  error
	}{
		{"RecvTimeout", func(rx *oneshot.Receiver[int], _ context.Context) (int, error) {
			return rx.RecvTimeout(time.Second)
		}, oneshot.ErrTimeout},
		{"RecvDeadline", func(rx *oneshot.Receiver[int], _ context.Context) (int, error) {
			return rx.RecvDeadline(time.Now().Add(time.Second))
		}, oneshot.ErrTimeout},
		{"RecvContext", func(rx *oneshot.Receiver[int], _ context.Context) (int, error) {
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, cause)
			defer cancel()
			return rx.RecvContext(ctx)
		}, cause},
		{"RecvContext with one of the task", func(rx *oneshot.Receiver[int], own context.Context) (int, error) {
			ctx, cancel := context.WithTimeoutCause(own, time.Second, cause)
			defer cancel()
			return rx.RecvContext(ctx)
		}, cause},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				earlier := newCounter()
				rx.Poll(earlier.waker)
				v, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
					for range 2 {
						start := time.Now()
						if v, err := c.recv(rx, ctx); v != 0 || err != c.err {
							t.Errorf("%v, %v, want %v", v, err, c.err)
						}
						if d := time.Since(start); d != time.Second {
							t.Errorf("gave up after %v, want a second", d)
						}
					}
					tx.Send(7)
					return c.recv(rx, ctx)
				})
				if v != 7 || err != nil {
					t.Errorf("later: %v, %v, want 7", v, err)
				}
				if n := earlier.wakes.Load(); n != 1 {
					t.Errorf("the earlier waker was woken %d times, want once", n)
				}
			})
		})
	}
}

// The waker of an earlier Poll is woken if the message comes while a task waits.
func TestTaskWakesTheEarlierWaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		earlier := newCounter()
		rx.Poll(earlier.waker)
		time.AfterFunc(time.Second, func() { tx.Send(7) })
		if v, err := executor.Run(t.Context(), func(context.Context) (int, error) { return rx.Recv() }); v != 7 || err != nil {
			t.Errorf("%v, %v, want 7", v, err)
		}
		if n := earlier.wakes.Load(); n != 1 {
			t.Errorf("the earlier waker was woken %d times, want once", n)
		}
	})
}

// Close ends the receive of a task.
func TestCloseEndsTheReceiveOfATask(t *testing.T) {
	for _, r := range blockingReceives {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, rx := oneshot.New[int]()
				time.AfterFunc(time.Second, rx.Close)
				_, err := executor.Run(t.Context(), func(context.Context) (int, error) { return r.recv(rx) })
				if err != oneshot.ErrClosed {
					t.Errorf("%v, want ErrClosed", err)
				}
			})
		})
	}
}

// A stepper is a task of an executor that has its own way to suspend: it runs what
// is queued until its waker was woken.
type stepper struct {
	waker   future.Waker
	woken   bool
	mine    bool // Enter is called by the task's own goroutine
	queue   []func()
	suspend int
	awaited any
}

func (s *stepper) OnWake() { s.woken = true }

func (s *stepper) Enter() (*future.Waker, uint32) {
	if !s.mine {
		return nil, 0
	}
	return &s.waker, 0
}

func (s *stepper) Suspend(_ context.Context, awaited any, _ uint32) uint32 {
	s.suspend++
	s.awaited = awaited
	for !s.woken && len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		next()
	}
	s.woken = false
	return 0
}

// A Suspender that was bound to the goroutine is asked before a receive blocks, and
// left alone if it is not its task's goroutine.
func TestReceiveAsksTheBoundSuspender(t *testing.T) {
	for _, mine := range []bool{true, false} {
		tx, rx := oneshot.New[int]()
		s := &stepper{mine: mine}
		s.waker.Init(s)
		s.queue = []func(){s.OnWake, func() { tx.Send(7) }} // woken for nothing at first
		unbind := future.Bind(s)
		if !mine {
			time.AfterFunc(time.Millisecond, func() { tx.Send(7) })
		}
		v, err := rx.Recv()
		unbind()
		if v != 7 || err != nil {
			t.Errorf("mine %v: %v, %v, want 7", mine, v, err)
		}
		if suspended := s.suspend > 0; suspended != mine {
			t.Errorf("mine %v: suspended %d times", mine, s.suspend)
		}
		if mine && s.awaited != rx {
			t.Errorf("awaited is %v, want the Receiver", s.awaited)
		}
	}
}

// A receive of a task whose place another Poll has taken says so.
func TestReceiveOfATaskThatWasReplaced(t *testing.T) {
	_, rx := oneshot.New[int]()
	s := &stepper{mine: true}
	s.waker.Init(s)
	s.queue = []func(){func() { rx.Poll(newCounter().waker); s.OnWake() }}
	defer future.Bind(s)()
	if _, err := rx.Recv(); err != oneshot.ErrBusy {
		t.Errorf("%v, want ErrBusy", err)
	}
}
