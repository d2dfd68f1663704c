package ants_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future/futuretest"
)

// A latch is a gate that may be opened more than once.
type latch struct {
	once sync.Once
	c    chan struct{}
}

func newLatch() *latch { return &latch{c: make(chan struct{})} }

func (l *latch) open() { l.once.Do(func() { close(l.c) }) }

// Every receiver goes by the rules of a future, whatever becomes of the call. Map
// hands out no future.
func TestReceiversFollowTheRules(t *testing.T) {
	type subject = futuretest.Subject[int]
	got := func(want int, wantErr error) func(int, error) error {
		return func(v int, err error) error {
			if v != want || !errors.Is(err, wantErr) {
				return fmt.Errorf("%v, %v, want %v, %v", v, err, want, wantErr)
			}
			return nil
		}
	}
	single := newPool(t, 1)
	large := newPool(t, 100)
	unlimited := newPool(t, -1)
	invoked, err := antsx.NewPoolWithFunc(1, func(l *latch) (int, error) { <-l.c; return 1, nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(invoked.Release)
	submit := func(p antsx.Pool, v int, err error) func(l *latch) subject {
		return func(l *latch) subject {
			return subject{
				Future: antsx.Submit(p, func() (int, error) { <-l.c; return v, err }),
				Steps:  []func(){l.open},
				Check:  got(v, err),
			}
		}
	}
	tests := []struct {
		name, reason string
		fresh        func(l *latch) subject
	}{
		{"one worker", "the call is queued now and then, behind one that nobody wants", submit(single, 1, nil)},
		{"many workers", "the call is handed to the pool", submit(large, 1, nil)},
		{"unlimited", "there is no queue", submit(unlimited, 1, nil)},
		{"fails", "an error is a result", submit(single, 0, errDoom)},
		{"panics", "so is a panic", func(l *latch) subject {
			return subject{
				Future: antsx.Submit(single, func() (int, error) { <-l.c; panic(errDoom) }),
				Steps:  []func(){l.open},
				Check:  got(0, errDoom),
			}
		}},
		{"context", "the function is told when nobody wants the result", func(l *latch) subject {
			begun, ended := new(atomic.Bool), make(chan struct{})
			return subject{
				Future: antsx.SubmitContext(t.Context(), large, func(ctx context.Context) (int, error) {
					begun.Store(true)
					defer close(ended)
					select {
					case <-l.c:
						return 1, nil
					case <-ctx.Done():
						return 0, context.Cause(ctx)
					}
				}),
				Steps: []func(){l.open},
				Check: got(1, nil),
				Released: func() error {
					if !begun.Load() {
						return nil // and if it does not begin now it never will
					}
					select {
					case <-ended:
						return nil
					case <-time.After(10 * time.Second):
						return errors.New("the function runs on")
					}
				},
			}
		}},
		{"invoked", "a PoolWithFunc has jobs of another kind", func(l *latch) subject {
			return subject{Future: invoked.Invoke(l), Steps: []func(){l.open}, Check: got(1, nil)}
		}},
		{"refused in the queue", "the pool is released before there is a worker", func(l *latch) subject {
			p := newPool(t, 1)
			if err := p.Submit(func() { <-l.c }); err != nil {
				t.Error(err)
			}
			return subject{
				Future: antsx.Submit(p, func() (int, error) { return 1, nil }),
				Steps:  []func(){p.Release, l.open},
				Check:  got(0, ants.ErrPoolClosed),
			}
		}},
		{"refused at once", "there is nothing to wait for", func(*latch) subject {
			p := newPool(t, 1)
			p.Release()
			return subject{Future: antsx.Submit(p, work), Check: got(0, ants.ErrPoolClosed)}
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l := newLatch()
			defer func() { l.open() }()
			err := futuretest.TestFuture(func() subject {
				l.open() // that of a schedule that did not come to it
				l = newLatch()
				return tc.fresh(l)
			})
			if err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}
