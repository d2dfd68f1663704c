package ants_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

// A counted is a pool that counts what is submitted to it, and can be closed from
// one moment to the next.
type counted struct {
	*ants.Pool
	submitted atomic.Int32
	closed    atomic.Bool
}

func (c *counted) Submit(task func()) error {
	if c.closed.Load() {
		return ants.ErrPoolClosed
	}
	c.submitted.Add(1)
	return c.Pool.Submit(task)
}

func (c *counted) IsClosed() bool { return c.closed.Load() || c.Pool.IsClosed() }

// onOneProcessor has the goroutine that is made runnable run when the one that did
// so gives way, and not before.
func onOneProcessor(t *testing.T) {
	n := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(n) })
}

// Whoever waits for a result and then submits finds the worker of that result,
// however many workers the pool has.
func TestWorkerLingers(t *testing.T) {
	onOneProcessor(t)
	for _, size := range []int{1, 2, 100} {
		p := &counted{Pool: newPool(t, size)}
		const n = 1000
		for i := range n {
			if v, err := antsx.Submit(p, work).Recv(); v != 1 || err != nil {
				t.Fatalf("size %d: %d: %v, %v", size, i, v, err)
			}
		}
		// The scheduler may do otherwise now and then.
		if c := p.submitted.Load(); c > n/2 {
			t.Errorf("size %d: %d of %d calls went through the pool", size, c, n)
		}
	}
}

// The worker that lingers takes one call: what is submitted beside it does not
// wait for that call.
func TestLingeringWorkerTakesOneCall(t *testing.T) {
	onOneProcessor(t)
	p := newPool(t, 2)
	for range 1000 {
		if _, err := antsx.Submit(p, work).Recv(); err != nil {
			t.Fatal(err)
		}
		gate := make(chan struct{})
		first := antsx.Submit(p, func() (int, error) { <-gate; return 1, nil })
		second := antsx.Submit(p, func() (int, error) { close(gate); return 1, nil })
		for _, rx := range []*oneshot.Receiver[int]{second, first} {
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Fatalf("%v, %v", v, err)
			}
		}
	}
}

// A worker that lingers is not one of a closed pool's any more.
func TestLingeringWorkerOfClosedPool(t *testing.T) {
	onOneProcessor(t)
	for _, early := range []bool{false, true} {
		for range 100 {
			p := &counted{Pool: newPool(t, 1)}
			if _, err := antsx.Submit(p, work).Recv(); err != nil {
				t.Fatal(err)
			}
			var rx *oneshot.Receiver[int]
			if early { // the worker has not looked yet
				rx = antsx.Submit(p, func() (int, error) { return 0, nil })
			}
			p.closed.Store(true)
			if !early {
				rx = antsx.Submit(p, work)
			}
			if v, err := rx.Recv(); !errors.Is(err, ants.ErrPoolClosed) && !(early && err == nil) {
				t.Fatalf("%v, %v", v, err)
			}
		}
	}
}

// Calls that found no worker do not keep later ones from the workers: of a pool
// with a limit these would be refused.
func TestWorkersAreFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 4
		p := newPool(t, size, ants.WithMaxBlockingTasks(1), ants.WithExpiryDuration(time.Minute))
		for range 3 {
			var rxs []*oneshot.Receiver[int]
			for range size {
				rxs = append(rxs, antsx.Submit(p, func() (int, error) { time.Sleep(time.Second); return 1, nil }))
			}
			for range 10 { // one is queued
				antsx.Submit(p, work)
			}
			for i, rx := range rxs {
				if v, err := rx.Recv(); v != 1 || err != nil {
					t.Errorf("%d: %v, %v", i, v, err)
				}
			}
			time.Sleep(time.Hour) // the workers are purged
		}
	})
}

// Calls that were given up make room at once, in a long queue too.
func TestGivenUpCallsMakeRoom(t *testing.T) {
	const limit = 10_000
	p := newPool(t, 1, ants.WithMaxBlockingTasks(limit))
	gate := occupy(p)
	rxs := make([]*oneshot.Receiver[int], limit)
	for i := range rxs {
		rxs[i] = antsx.Submit(p, work)
	}
	if _, err := antsx.Submit(p, work).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
		t.Errorf("beyond the limit: got %v, want %v", err, ants.ErrPoolOverload)
	}
	for i := limit - 1; i >= 0; i -= 2 {
		rxs[i].Close()
		rxs[i] = antsx.Submit(p, work)
		if _, err := antsx.Submit(p, work).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
			t.Fatalf("call %d, beyond the limit: got %v, want %v", i, err, ants.ErrPoolOverload)
		}
	}
	close(gate)
	for i, rx := range rxs {
		if v, err := rx.Recv(); v != 1 || err != nil {
			t.Fatalf("call %d: got %v, %v, want 1, nil", i, v, err)
		}
	}
}

// A queue of ours does not keep the workers from those who wait in upstream's
// Submit.
func TestQueueGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 1)
		var rxs []*oneshot.Receiver[int]
		for range 100 {
			rxs = append(rxs, antsx.Submit(p, func() (int, error) { time.Sleep(time.Second); return 1, nil }))
		}
		time.Sleep(10 * time.Second)
		start := time.Now()
		if err := p.Submit(func() {}); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("upstream's Submit waited %v", d)
		}
		for i, rx := range rxs {
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
		}
	})
}

// A worker that lingers makes room for the one call that it takes.
func TestLimitWithLingeringWorker(t *testing.T) {
	onOneProcessor(t)
	lingered := false
	for range 100 {
		p := newPool(t, 1, ants.WithMaxBlockingTasks(1))
		if _, err := antsx.Submit(p, work).Recv(); err != nil {
			t.Fatal(err)
		}
		gate := make(chan struct{})
		accepted := 0
		for range 5 {
			rx := antsx.Submit(p, func() (int, error) { <-gate; return 1, nil })
			if _, err := rx.TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
				accepted++
			}
		}
		close(gate)
		if accepted > 2 {
			t.Errorf("%d calls accepted, with one worker and one that may wait", accepted)
		}
		lingered = lingered || accepted == 2
	}
	if !lingered {
		t.Error("the test did not meet a worker that lingers")
	}
}

// A deaf pool does not hear signals: who waits in its Submit goes on waiting when
// the pool is closed or grows. Upstream is like that for one moment, between the
// look at the pool without its lock and the wait.
type deaf struct {
	*ants.Pool
	inside chan struct{} // receives when somebody waits
	signal chan struct{}
}

func (d *deaf) Submit(task func()) error {
	if !d.IsClosed() && d.Running() == d.Cap() {
		d.inside <- struct{}{}
		<-d.signal
	}
	return d.Pool.Submit(task)
}

// A pool that is closed, or has a worker again, serves what is queued, whether the
// feeder is told of it or not.
func TestSignalIsMissed(t *testing.T) {
	tests := []struct {
		name   string
		happen func(p *ants.Pool)
		want   error
	}{
		{"closed", (*ants.Pool).Release, ants.ErrPoolClosed},
		{"grown", func(p *ants.Pool) { p.Tune(2) }, nil},
	}
	for _, tt := range tests {
		for _, after := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprint(tt.name, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := &deaf{Pool: newPool(t, 1), inside: make(chan struct{}), signal: make(chan struct{})}
					gate := occupy(p)
					defer close(gate)
					defer close(p.signal)
					rxs := []*oneshot.Receiver[int]{antsx.Submit(p, work), antsx.Submit(p, work)}
					<-p.inside
					time.Sleep(after)
					tt.happen(p.Pool)
					for i, rx := range rxs {
						if _, err := rx.RecvTimeout(after + time.Second); !errors.Is(err, tt.want) {
							t.Errorf("%d: %v, want %v", i, err, tt.want)
						}
					}
					if !p.IsClosed() {
						return
					}
					if _, err := antsx.Submit(p, work).RecvTimeout(time.Nanosecond); !errors.Is(err, tt.want) {
						t.Errorf("later, without waiting: %v, want %v", err, tt.want)
					}
				})
			})
		}
	}
}

// So it is with the tasks of an executor.
func TestExecutorMissesSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &deaf{Pool: newPool(t, 1), inside: make(chan struct{}), signal: make(chan struct{})}
		gate := occupy(p)
		e := antsx.NewExecutor(p)
		h := executor.Go(e, func(context.Context) (int, error) { return work() })
		<-p.inside
		p.Release()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := future.Await(ctx, h); !errors.Is(err, ants.ErrPoolClosed) {
			t.Errorf("%v, want %v", err, ants.ErrPoolClosed)
		}
		close(p.signal)
		close(gate)
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

// An eager is a pool whose second submission, a feeder's, comes to it only when somebody
// has found a worker free who is to be told so.
type eager struct {
	*ants.Pool
	submitted atomic.Int32
	coming    chan struct{} // the feeder is about to submit
	found     chan struct{} // it may
	looks     atomic.Bool   // the next look that finds a worker free lets it
}

func (e *eager) Submit(task func()) error {
	if e.submitted.Add(1) == 2 {
		close(e.coming)
		<-e.found
	}
	return e.Pool.Submit(task)
}

func (e *eager) Running() int {
	n := e.Pool.Running()
	if n == 0 && e.looks.Swap(false) {
		close(e.found)
		for e.Pool.Running() == 0 { // the feeder is to be quicker
			runtime.Gosched()
		}
	}
	return n
}

// A worker exits, and a feeder takes the place of it that a caller has found free: the
// caller does not wait for that worker.
func TestFeederIsQuicker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &eager{Pool: newPool(t, 1), coming: make(chan struct{}), found: make(chan struct{})}
		exit, release := make(chan struct{}), make(chan struct{})
		antsx.Submit(p, func() (int, error) { <-exit; runtime.Goexit(); return 0, nil })
		queued := antsx.Submit(p, func() (int, error) { <-release; return 1, nil })
		<-p.coming
		close(exit)
		for p.Pool.Running() != 0 {
			runtime.Gosched()
		}
		p.looks.Store(true)
		submitted := make(chan *oneshot.Receiver[int])
		go func() { submitted <- antsx.Submit(p, work) }()
		began := time.Now()
		time.AfterFunc(time.Hour, func() { close(release) })
		rx := <-submitted
		if d := time.Since(began); d > 0 {
			t.Errorf("Submit waited %v for a worker", d)
		}
		for _, rx := range []*oneshot.Receiver[int]{queued, rx} {
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Error(v, err)
			}
		}
	})
}
