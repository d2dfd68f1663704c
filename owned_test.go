package await_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A ledger counts how often each value was opened, taken and released.
type ledger struct {
	mu                      sync.Mutex
	opened, taken, released map[int]int
}

func (l *ledger) note(m map[int]int, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m[n]++
}

// Values of goroutines, tasks and pools that come when no consumer waits any more
// are released once, whatever gave the wait up.
func TestOwnedValuesOfLeaves(t *testing.T) {
	pool, err := ants.NewPool(4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Release()
	tasks := executor.New()
	defer tasks.Close()
	type leaf func(fn func() (int, error)) future.Future[int]
	leaves := map[string]leaf{
		"Go": func(fn func() (int, error)) future.Future[int] { return future.Go(fn) },
		"task": func(fn func() (int, error)) future.Future[int] {
			return executor.Go(tasks, func(context.Context) (int, error) { return fn() })
		},
		"pool": func(fn func() (int, error)) future.Future[int] { return antsx.Submit(pool, fn) },
	}
	const rounds = 300
	for name, leaf := range leaves {
		for way, wait := range map[string]func(f future.Future[int]) (int, error){
			"Race": func(f future.Future[int]) (int, error) {
				return future.Await(context.Background(), future.Race(f, future.Map(future.After(20*time.Microsecond), func(struct{}) (int, error) { return -1, nil })))
			},
			"Timeout": func(f future.Future[int]) (int, error) {
				return future.Await(context.Background(), future.Timeout(f, 20*time.Microsecond))
			},
			"Await": func(f future.Future[int]) (int, error) {
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Microsecond)
				defer cancel()
				return future.Await(ctx, f)
			},
			"Cancel": func(f future.Future[int]) (int, error) {
				future.Cancel(f)
				v, _, err := f.Poll(nil)
				return v, err
			},
			"All": func(f future.Future[int]) (int, error) {
				_, err := future.Await(context.Background(), future.All(f, future.Timeout(future.Never[int](), 20*time.Microsecond)))
				return 0, err
			},
		} {
			l := &ledger{opened: map[int]int{}, taken: map[int]int{}, released: map[int]int{}}
			for i := range rounds {
				f := leaf(func() (int, error) {
					l.note(l.opened, i)
					return i, nil
				})
				if v, err := wait(future.Owned(f, func(n int) { l.note(l.released, n) })); err == nil && v >= 0 {
					l.note(l.taken, v)
				}
			}
			settled := func() (missing int) {
				l.mu.Lock()
				defer l.mu.Unlock()
				for i := range l.opened {
					if n := l.taken[i] + l.released[i]; n > 1 {
						t.Fatalf("%s, %s: value %d was taken %d times and released %d times", name, way, i, l.taken[i], l.released[i])
					} else if n == 0 {
						missing++
					}
				}
				return missing
			}
			for deadline := time.Now().Add(10 * time.Second); settled() > 0; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%s, %s: %d values were neither taken nor released", name, way, settled())
				}
			}
		}
	}
}

// A message whose Send returned nil is taken or released, and one that was refused is
// neither.
func TestOwnedMessages(t *testing.T) {
	for i := range 2000 {
		tx, rx := oneshot.New[int]()
		released, taken := 0, 0
		f := future.Owned(future.Map[int](rx, func(n int) (int, error) { return n, nil }), func(int) { released++ })
		sent := make(chan error, 1)
		go func() { sent <- tx.Send(i) }()
		if _, ready, err := f.Poll(nil); ready && err == nil {
			taken++
		}
		future.Cancel(f)
		accepted := <-sent == nil
		if accepted != (released+taken == 1) {
			t.Fatalf("accepted %v, taken %d times, released %d times", accepted, taken, released)
		}
	}
}
