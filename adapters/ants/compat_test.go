package ants_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// What upstream's tests ask of Submit, asked of every kind of pool, through
// Submit of this package and through an executor on the pool. Those that can be run
// as they are, are: see TestUpstreamSuite.

// A way is one of the ways to a worker.
type way struct {
	name   string
	submit func(fn func() (int, error)) future.Future[int]
	close  func() error
}

func ways(p antsx.Pool) []way {
	e := antsx.NewExecutor(p)
	return []way{
		{"submit",
			func(fn func() (int, error)) future.Future[int] { return antsx.Submit(p, fn) },
			func() error { return nil }},
		{"executor",
			func(fn func() (int, error)) future.Future[int] {
				return executor.Go(e, func(context.Context) (int, error) { return fn() })
			},
			e.Close},
	}
}

// A kind is a kind of pool.
type kind struct {
	name string
	make func(opts ...ants.Option) (releasable, error)
}

func single(size int, more ...ants.Option) func(opts ...ants.Option) (releasable, error) {
	return func(opts ...ants.Option) (releasable, error) { return ants.NewPool(size, append(more, opts...)...) }
}

func multi(lbs ants.LoadBalancingStrategy) func(opts ...ants.Option) (releasable, error) {
	return func(opts ...ants.Option) (releasable, error) { return ants.NewMultiPool(3, 2, lbs, opts...) }
}

// What a funcPool and a funcMultiPool have for a function is the call of a task.
type (
	funcPool struct {
		*ants.PoolWithFuncGeneric[func()]
	}
	funcMultiPool struct {
		*ants.MultiPoolWithFuncGeneric[func()]
	}
)

func (p funcPool) Submit(task func()) error      { return p.Invoke(task) }
func (p funcMultiPool) Submit(task func()) error { return p.Invoke(task) }

func call(task func()) { task() }

func withFunc(opts ...ants.Option) (releasable, error) {
	p, err := ants.NewPoolWithFuncGeneric(2, call, opts...)
	return funcPool{p}, err
}

func multiWithFunc(opts ...ants.Option) (releasable, error) {
	p, err := ants.NewMultiPoolWithFuncGeneric(3, 2, call, ants.RoundRobin, opts...)
	return funcMultiPool{p}, err
}

var kinds = []kind{
	{"one", single(1)},
	{"some", single(10)},
	{"preallocated", single(10, ants.WithPreAlloc(true))},
	{"infinite", single(-1)},
	{"unpurged", single(10, ants.WithDisablePurge(true))},
	{"expiring", single(10, ants.WithExpiryDuration(time.Millisecond))},
	{"round robin", multi(ants.RoundRobin)},
	{"least tasks", multi(ants.LeastTasks)},
	{"with func", withFunc},
	{"multi with func", multiWithFunc},
}

// eachWay runs f in a bubble, with a new pool of each kind, for each way.
func eachWay(t *testing.T, f func(t *testing.T, p releasable, w way), opts ...ants.Option) {
	for _, k := range kinds {
		for i := range 2 {
			t.Run(fmt.Sprintf("%s/%d", k.name, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p, err := k.make(opts...)
					if err != nil {
						t.Fatal(err)
					}
					w := ways(p)
					f(t, p, w[i])
					for _, w := range w {
						if err := w.close(); err != nil {
							t.Errorf("closing %s: %v", w.name, err)
						}
					}
					if err := p.ReleaseTimeout(time.Minute); err != nil {
						t.Errorf("release: %v", err)
					}
				})
			})
		}
	}
}

func TestManyOnEveryPool(t *testing.T) {
	eachWay(t, func(t *testing.T, _ releasable, w way) {
		const n = 500
		var calls atomic.Int32
		var all []future.Future[int]
		for i := range n {
			all = append(all, w.submit(func() (int, error) {
				calls.Add(1)
				time.Sleep(time.Millisecond)
				return i, nil
			}))
		}
		for i, f := range all {
			if v, err := future.Await(t.Context(), f); v != i || err != nil {
				t.Fatalf("%s: %d: %v, %v", w.name, i, v, err)
			}
		}
		if c := calls.Load(); c != n {
			t.Errorf("%s: %d calls, want %d", w.name, c, n)
		}
	})
}

func TestPanicsOnEveryPool(t *testing.T) {
	var seen atomic.Int32
	handler := ants.WithPanicHandler(func(any) { seen.Add(1) })
	eachWay(t, func(t *testing.T, _ releasable, w way) {
		for range 20 {
			if _, err := future.Await(t.Context(), w.submit(func() (int, error) { panic(errDoom) })); !errors.Is(err, errDoom) {
				t.Errorf("%s: panic: %v", w.name, err)
			}
			if _, err := future.Await(t.Context(), w.submit(func() (int, error) { runtime.Goexit(); return 0, nil })); err != future.ErrGoexit {
				t.Errorf("%s: Goexit: %v", w.name, err)
			}
			if v, err := future.Await(t.Context(), w.submit(work)); v != 1 || err != nil {
				t.Errorf("%s: afterwards: %v, %v", w.name, v, err)
			}
		}
		if n := seen.Load(); n != 0 {
			t.Errorf("%s: the pool's handler saw %d panics", w.name, n)
		}
	}, handler)
}

// Workers that are idle for long go away, and come again when there is work.
func TestPurgedOnEveryPool(t *testing.T) {
	eachWay(t, func(t *testing.T, p releasable, w way) {
		for range 3 {
			for range 20 {
				w.submit(work)
			}
			if v, err := future.Await(t.Context(), w.submit(work)); v != 1 || err != nil {
				t.Errorf("%s: %v, %v", w.name, v, err)
			}
			time.Sleep(time.Hour)
			if n := p.(interface{ Running() int }).Running(); n > 10 {
				t.Errorf("%s: %d workers after an hour", w.name, n)
			}
		}
	}, ants.WithExpiryDuration(time.Minute))
}

// A pool that grows and shrinks serves what is queued at its new size.
func TestTune(t *testing.T) {
	tests := []struct {
		name, reason string
		from, to     int
		at, want     time.Duration
	}{
		{"up", "the queue is told of new workers at once", 1, 3, 30 * time.Minute, 4*time.Hour + 30*time.Minute},
		{"up by one", "upstream signals instead of broadcasting", 1, 2, 30 * time.Minute, 6*time.Hour + 30*time.Minute},
		{"down", "workers that took from the queue leave", 4, 2, 30 * time.Minute, 5 * time.Hour},
		{"down to one", "the last stays", 4, 1, 30 * time.Minute, 9 * time.Hour},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(t, tc.from)
				start := time.Now()
				var running, most atomic.Int32
				var rxs []*oneshot.Receiver[int]
				for range 12 {
					rxs = append(rxs, antsx.Submit(p, func() (int, error) {
						raise(&most, running.Add(1))
						defer running.Add(-1)
						time.Sleep(time.Hour)
						return 1, nil
					}))
				}
				time.Sleep(tc.at)
				p.Tune(tc.to)
				for i, rx := range rxs {
					if v, err := rx.Recv(); v != 1 || err != nil {
						t.Errorf("%d: %v, %v", i, v, err)
					}
				}
				if d := time.Since(start); d != tc.want {
					t.Errorf("%s: took %v, want %v", tc.reason, d, tc.want)
				}
				if n := int(most.Load()); n != max(tc.from, tc.to) {
					t.Errorf("%s: %d at once", tc.reason, n)
				}
			})
		})
	}
}

// raise makes a at least n.
func raise(a *atomic.Int32, n int32) {
	for old := a.Load(); n > old && !a.CompareAndSwap(old, n); {
		old = a.Load()
	}
}

// Everybody who waits for a pool when it is released gets an answer at once.
func TestReleaseWhileEverythingWaits(t *testing.T) {
	for _, k := range kinds {
		if k.name == "infinite" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, err := k.make()
				if err != nil {
					t.Fatal(err)
				}
				// A MultiPool may have a worker left for some of them: it does
				// not fill its pools evenly.
				_, multi := p.(interface{ FreeByIndex(int) (int, error) })
				capacity := p.(interface{ Cap() int }).Cap()
				var first []*oneshot.Receiver[int]
				for range capacity {
					first = append(first, antsx.Submit(p, func() (int, error) { time.Sleep(time.Hour); return 1, nil }))
				}
				// Upstream's callers block, ours are queued.
				var blocked sync.WaitGroup
				for range 3 {
					blocked.Go(func() {
						if err := p.Submit(func() {}); !errors.Is(err, ants.ErrPoolClosed) && !(multi && err == nil) {
							t.Errorf("blocked in upstream's Submit: %v", err)
						}
					})
				}
				var queued []*oneshot.Receiver[int]
				for range 10 {
					queued = append(queued, antsx.Submit(p, work))
				}
				synctest.Wait()
				start := time.Now()
				released := make(chan error)
				go func() { released <- p.ReleaseTimeout(2 * time.Hour) }()
				for i, rx := range queued {
					if v, err := rx.Recv(); !errors.Is(err, ants.ErrPoolClosed) && !(multi && v == 1) {
						t.Errorf("queued %d: %v, %v", i, v, err)
					}
				}
				blocked.Wait()
				if d := time.Since(start); d != 0 {
					t.Errorf("they waited %v", d)
				}
				for i, rx := range first {
					if v, err := rx.Recv(); v != 1 && !(multi && errors.Is(err, ants.ErrPoolClosed)) {
						t.Errorf("running %d: %v, %v", i, v, err)
					}
				}
				if err := <-released; err != nil {
					t.Errorf("release: %v", err)
				}
			})
		})
	}
}

// A pool of somebody's own: what it refuses is refused, what it drops is not
// invented.
type ownPool func(task func()) error

func (p ownPool) Submit(task func()) error { return p(task) }

func TestOwnPool(t *testing.T) {
	inline := ownPool(func(task func()) error { task(); return nil })
	if v, err := antsx.Submit(inline, work).TryRecv(); v != 1 || err != nil {
		t.Errorf("inline: %v, %v", v, err)
	}
	never := ownPool(func(func()) error { return errDoom })
	if _, err := antsx.Submit(never, work).TryRecv(); err != errDoom {
		t.Errorf("refused: %v", err)
	}
	for v, err := range antsx.Map(t.Context(), inline, count(10), square) {
		if err != nil {
			t.Errorf("map: %v, %v", v, err)
		}
	}
	for _, err := range antsx.Map(t.Context(), never, count(10), square) {
		if err != errDoom {
			t.Errorf("map refused: %v", err)
		}
	}
}

// An unhashable is a pool of ants that cannot be the key of a map.
type unhashable struct {
	*ants.Pool
	_ []int
}

// Map of a pool of which nothing is known but Submit, which blocks. The watchdog
// makes the pool larger if the only worker waits for another. A signal of a worker
// that exits may be missed in upstream's Submit, and is repeated after a second.
func TestMapOnForeignPool(t *testing.T) {
	kinds := map[string]func(p *ants.Pool) antsx.Pool{
		"own":        func(p *ants.Pool) antsx.Pool { return ownPool(p.Submit) },
		"unhashable": func(p *ants.Pool) antsx.Pool { return unhashable{Pool: p} },
	}
	for name, of := range kinds {
		for _, size := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s/size=%d", name, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPool(t, size)
					start := time.Now()
					watchdog := time.AfterFunc(time.Hour, func() { p.Tune(100) })
					defer watchdog.Stop()
					fn := func(_ context.Context, i int) (int, error) {
						if i%7 == 6 {
							runtime.Goexit()
						}
						return i, nil
					}
					i := 0
					for v, err := range antsx.Map(t.Context(), of(p), count(1000), fn) {
						if exits := i%7 == 6; exits != (err == future.ErrGoexit) || !exits && v != i {
							t.Fatalf("%d: %v, %v", i, v, err)
						}
						i++
					}
					if d := time.Since(start); i != 1000 || d > 5*time.Second {
						t.Errorf("%d results in %v", i, d)
					}
				})
			})
		}
	}
}

func TestNil(t *testing.T) {
	p := newPool(t, 1)
	for name, f := range map[string]func(){
		"Submit":         func() { antsx.Submit[int](p, nil) },
		"SubmitContext":  func() { antsx.SubmitContext[int](t.Context(), p, nil) },
		"Map":            func() { antsx.Map[int, int](t.Context(), p, count(1), nil) },
		"Map of none":    func() { antsx.Map(t.Context(), p, nil, square) },
		"Map on none":    func() { antsx.Map(t.Context(), nil, count(1), square) },
		"Submit to none": func() { antsx.Submit(nil, work) },
		"NewExecutor":    func() { antsx.NewExecutor(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			f()
		}()
	}
}

// A MultiPool may pick a part that is full although another is not: the caller is
// not to wait for it.
func TestPartOfMultiPoolIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := ants.NewMultiPool(2, 1, ants.RoundRobin, ants.WithExpiryDuration(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Submit(func() {}); err != nil { // to the first part
			t.Error(err)
		}
		gate := occupy(p) // and the other
		time.AfterFunc(24*time.Hour, func() { close(gate) })
		var rxs []*oneshot.Receiver[int]
		for range 3 {
			time.Sleep(time.Hour) // the worker of the first part is purged
			before := time.Now()
			rxs = append(rxs, antsx.Submit(p, work))
			if d := time.Since(before); d != 0 {
				t.Errorf("Submit waited %v", d)
				break
			}
		}
		for i, rx := range rxs {
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
		}
		if err := p.ReleaseTimeout(48 * time.Hour); err != nil {
			t.Error(err)
		}
	})
}

// Those that wait for a worker wait for one of each part.
func TestPartOfMultiPoolIsFree(t *testing.T) {
	p, err := ants.NewMultiPool(2, 1, ants.RoundRobin)
	if err != nil {
		t.Fatal(err)
	}
	gates := []chan struct{}{occupy(p), occupy(p)}
	rxs := []*oneshot.Receiver[int]{antsx.Submit(p, work), antsx.Submit(p, work)}
	close(gates[1])
	for i, rx := range rxs {
		if v, err := rx.Recv(); v != 1 || err != nil {
			t.Errorf("%d: %v, %v", i, v, err)
		}
	}
	close(gates[0])
	if err := p.ReleaseTimeout(10 * time.Second); err != nil {
		t.Error(err)
	}
}
