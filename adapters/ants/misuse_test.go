package ants_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// panicOf returns what fn panics with, as text, or "".
func panicOf(fn func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	fn()
	return ""
}

// A nil argument is a panic that names the function and the argument, before anything
// else happens.
func TestNilArguments(t *testing.T) {
	type tenant struct{ *ants.Pool }
	ctx := context.Background()
	p := newPool(t, 1)
	withContext := func(context.Context) (int, error) { return 1, nil }
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	var (
		none     *ants.Pool
		noMulti  *ants.MultiPool
		noTenant *tenant
		noOption ants.Option
		noSeq    iter.Seq[int]
		noCtx    context.Context
		noPool   *antsx.PoolWithFunc[int, int]
		zero     antsx.PoolWithFunc[int, int]
	)
	tests := []struct {
		call func()
		want string
	}{
		{func() { antsx.Submit(nil, work) }, "ants: Submit: p is nil"},
		{func() { antsx.Submit(none, work) }, "ants: Submit: p is a nil *ants.Pool"},
		{func() { antsx.Submit(noMulti, work) }, "ants: Submit: p is a nil *ants.MultiPool"},
		{func() { antsx.Submit(noTenant, work) }, "ants: Submit: p is a *ants_test.tenant with a nil *ants_test.tenant"},
		{func() { antsx.Submit(&tenant{}, work) }, "ants: Submit: p is a *ants_test.tenant with a nil *ants.Pool"},
		{func() { antsx.Submit(new(ants.Pool), work) }, "ants: Submit: p is a zero ants.Pool"},
		{func() { antsx.Submit(new(ants.MultiPool), work) }, "ants: Submit: p is a zero ants.MultiPool"},
		{func() { antsx.Submit[int](p, nil) }, "ants: Submit: fn is nil"},
		{func() { antsx.Do(nil, func() error { return nil }) }, "ants: Do: p is nil"},
		{func() { antsx.Do(none, func() error { return nil }) }, "ants: Do: p is a nil *ants.Pool"},
		{func() { antsx.Do(p, nil) }, "ants: Do: fn is nil"},
		{func() { antsx.SubmitContext(noCtx, p, withContext) }, "ants: SubmitContext: ctx is nil"},
		{func() { antsx.SubmitContext(ctx, nil, withContext) }, "ants: SubmitContext: p is nil"},
		{func() { antsx.SubmitContext(ctx, none, withContext) }, "ants: SubmitContext: p is a nil *ants.Pool"},
		{func() { antsx.SubmitContext[int](ctx, p, nil) }, "ants: SubmitContext: fn is nil"},
		{func() { antsx.NewExecutor(nil) }, "ants: NewExecutor: p is nil"},
		{func() { antsx.NewExecutor(none) }, "ants: NewExecutor: p is a nil *ants.Pool"},
		{func() { antsx.NewExecutor(new(ants.Pool)) }, "ants: NewExecutor: p is a zero ants.Pool"},
		{func() { antsx.NewExecutor(p, nil) }, "ants: NewExecutor: option 1 of 1 is nil"},
		{func() { antsx.Map(noCtx, p, slices.Values([]int{1}), square) }, "ants: Map: ctx is nil"},
		{func() { antsx.Map(ctx, nil, slices.Values([]int{1}), square) }, "ants: Map: p is nil"},
		{func() { antsx.Map(ctx, none, slices.Values([]int{1}), square) }, "ants: Map: p is a nil *ants.Pool"},
		{func() { antsx.Map(ctx, p, noSeq, square) }, "ants: Map: seq is nil"},
		{func() { antsx.Map[int, int](ctx, p, slices.Values([]int{1}), nil) }, "ants: Map: fn is nil"},
		{func() { antsx.MapUnordered(noCtx, p, slices.Values([]int{1}), square) }, "ants: MapUnordered: ctx is nil"},
		{func() { antsx.MapUnordered(ctx, nil, slices.Values([]int{1}), square) }, "ants: MapUnordered: p is nil"},
		{func() { antsx.MapUnordered(ctx, none, slices.Values([]int{1}), square) }, "ants: MapUnordered: p is a nil *ants.Pool"},
		{func() { antsx.MapUnordered(ctx, p, noSeq, square) }, "ants: MapUnordered: seq is nil"},
		{func() { antsx.MapUnordered[int, int](ctx, p, slices.Values([]int{1}), nil) }, "ants: MapUnordered: fn is nil"},
		{func() {
			_, _ = antsx.NewPoolWithFunc(1, func(int) (int, error) { return 1, nil }, ants.WithNonblocking(true), noOption)
		}, "ants: NewPoolWithFunc: option 2 of 2 is nil"},
		{func() { noPool.Invoke(1) }, "ants: PoolWithFunc.Invoke: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Invoke(1) }, "ants: PoolWithFunc.Invoke: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Cap() }, "ants: PoolWithFunc.Cap: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Running() }, "ants: PoolWithFunc.Running: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Free() }, "ants: PoolWithFunc.Free: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Waiting() }, "ants: PoolWithFunc.Waiting: the pool was not made by NewPoolWithFunc"},
		{func() { zero.IsClosed() }, "ants: PoolWithFunc.IsClosed: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Tune(1) }, "ants: PoolWithFunc.Tune: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Release() }, "ants: PoolWithFunc.Release: the pool was not made by NewPoolWithFunc"},
		{func() { _ = zero.ReleaseTimeout(1) }, "ants: PoolWithFunc.ReleaseTimeout: the pool was not made by NewPoolWithFunc"},
		{func() { _ = zero.ReleaseContext(ctx) }, "ants: PoolWithFunc.ReleaseContext: the pool was not made by NewPoolWithFunc"},
		{func() { zero.Reboot() }, "ants: PoolWithFunc.Reboot: the pool was not made by NewPoolWithFunc"},
	}
	for _, tc := range tests {
		if got := panicOf(tc.call); got != tc.want {
			t.Errorf("got panic %q, want %q", got, tc.want)
		}
	}
	if _, err := antsx.NewPoolWithFunc[int, int](1, nil); err != ants.ErrLackPoolFunc {
		t.Errorf("NewPoolWithFunc without a function: got %v, want %v", err, ants.ErrLackPoolFunc)
	}
}

// A rogue is a pool whose Submit does something wrong.
type rogue struct {
	submit func(task func()) error
}

func (r *rogue) Submit(task func()) error { return r.submit(task) }

// A lockedBuffer is written to by goroutines of a bubble.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// take returns what was written since the last take.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.buf.Reset()
	return b.buf.String()
}

// captureLog returns what is written to slog.Default until the test ends.
func captureLog(t *testing.T) *lockedBuffer {
	logged := new(lockedBuffer)
	before, output, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(logged, nil)))
	t.Cleanup(func() { // SetDefault redirects package log, too
		slog.SetDefault(before)
		log.SetOutput(output)
		log.SetFlags(flags)
	})
	return logged
}

// A rogueGauge is a rogue that has a worker, or two, and so a queue.
type rogueGauge struct {
	rogue
	full bool
}

func (r *rogueGauge) Cap() int       { return 2 }
func (r *rogueGauge) IsClosed() bool { return false }
func (r *rogueGauge) Waiting() int   { return 0 }

func (r *rogueGauge) Running() int {
	if r.full {
		return 2
	}
	return 0
}

// Whatever a Submit does wrong, each call has one result, and what waits goes on.
func TestSubmitGoesWrong(t *testing.T) {
	panics := func(err error) bool {
		var p *future.PanicError
		return errors.As(err, &p) && p.Value == any(errDoom)
	}
	is := func(want error) func(error) bool { return func(err error) bool { return err == want } }
	tests := []struct {
		name, reason string
		submit       func(task func()) error
		calls        int32
		want         func(error) bool
	}{
		{"panics", "it has refused",
			func(func()) error { panic(errDoom) }, 0, panics},
		{"panics after the call", "the call counts",
			func(task func()) error { task(); panic(errDoom) }, 1, is(nil)},
		{"panics and calls later", "it has refused, and what comes later is no call",
			func(task func()) error { time.AfterFunc(time.Second, task); panic(errDoom) }, 0, panics},
		{"panics during the call", "the call has begun, and counts when it ends",
			func(task func()) error { go task(); time.Sleep(time.Millisecond); panic(errDoom) }, 1, is(nil)},
		{"fails after the call", "the call counts",
			func(task func()) error { task(); return errDoom }, 1, is(nil)},
		{"fails during the call", "the call has begun, and counts when it ends",
			func(task func()) error { go task(); time.Sleep(time.Millisecond); return errDoom }, 1, is(nil)},
		{"fails and calls later", "it has refused",
			func(task func()) error { time.AfterFunc(time.Second, task); return errDoom }, 0, is(errDoom)},
		{"calls twice", "there is one receiver",
			func(task func()) error { task(); task(); return nil }, 1, is(nil)},
		{"calls twice at once", "there is one receiver",
			func(task func()) error { go task(); go task(); return nil }, 1, is(nil)},
	}
	pools := []struct {
		name string
		make func(submit func(task func()) error) antsx.Pool
	}{
		{"foreign", func(s func(func()) error) antsx.Pool { return &rogue{s} }},
		{"free", func(s func(func()) error) antsx.Pool { return &rogueGauge{rogue{s}, false} }},
		{"full", func(s func(func()) error) antsx.Pool { return &rogueGauge{rogue{s}, true} }},
	}
	logged := captureLog(t)
	for _, tc := range tests {
		for _, kind := range pools {
			t.Run(tc.name+"/"+kind.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					logged.take()
					p := kind.make(tc.submit)
					calls := 0
					fn := func() (int, error) { calls++; time.Sleep(10 * time.Millisecond); return 1, nil }
					rx := antsx.Submit(p, fn)
					v, err := rx.RecvTimeout(time.Minute)
					if !tc.want(err) || err == nil && v != 1 {
						t.Errorf("%s: got %v, %v", tc.reason, v, err)
					}
					if _, err := rx.TryRecv(); !errors.Is(err, oneshot.ErrReceived) {
						t.Errorf("a second result: got %v, want %v", err, oneshot.ErrReceived)
					}
					time.Sleep(time.Minute)
					if int32(calls) != tc.calls {
						t.Errorf("%s: got %d calls, want %d", tc.reason, calls, tc.calls)
					}
					hidden := strings.HasPrefix(tc.name, "panics") && tc.calls > 0
					// Not any line: the collector, and a pool of another test, may log something.
					log := logged.take()
					if got := strings.Contains(log, "ants: Submit panicked, but had begun the call"); got != hidden {
						t.Errorf("%s: the panic is logged: got %v, want %v; the log is %q", tc.reason, got, hidden, log)
					}
					var pairs []error
					for _, err := range antsx.Map(t.Context(), p, count(3), square) {
						pairs = append(pairs, err)
					}
					if last := pairs[len(pairs)-1]; !tc.want(last) {
						t.Errorf("%s: Map ends with %v", tc.reason, last)
					}
					time.Sleep(time.Minute) // until all have returned
				})
			})
		}
	}
}

// A Submit that exits ends the goroutine that calls it, and nothing else.
func TestSubmitExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exit := func(func()) error { runtime.Goexit(); return nil }
		full := &rogueGauge{rogue{exit}, true}
		if _, err := antsx.Submit(full, work).RecvTimeout(time.Minute); err != future.ErrGoexit {
			t.Errorf("of a full pool: got %v, want %v", err, future.ErrGoexit)
		}
		rxs := []*oneshot.Receiver[int]{antsx.Submit(full, work), antsx.Submit(full, work)}
		for i, rx := range rxs {
			if _, err := rx.RecvTimeout(time.Minute); err != future.ErrGoexit {
				t.Errorf("call %d in the queue: got %v, want %v", i, err, future.ErrGoexit)
			}
		}
		ended := make(chan struct{})
		free := &rogueGauge{rogue{exit}, false}
		go func() {
			defer close(ended)
			antsx.Submit(free, work)
			t.Error("got a receiver, want the goroutine to end")
		}()
		<-ended
		free.submit = func(task func()) error { go task(); return nil }
		for range 2 { // both of its workers are still free
			if v, err := antsx.Submit(free, work).RecvTimeout(time.Minute); v != 1 || err != nil {
				t.Errorf("afterwards: got %v, %v, want 1, nil", v, err)
			}
		}
	})
}

// A waker that panics when its queued call is refused ends neither the process nor what
// else is in the queue.
func TestWakerPanicsOnRefusal(t *testing.T) {
	logged := captureLog(t)
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 1)
		gate := occupy(p)
		bad := antsx.Submit(p, work)
		if _, ready, _ := bad.Poll(future.NewWaker(func() { panic(errDoom) })); ready {
			t.Error("the call has a result, want it queued")
		}
		good := antsx.Submit(p, work)
		p.Release()
		for i, rx := range []*oneshot.Receiver[int]{good, bad} { // bad has been refused by then
			if _, err := rx.RecvTimeout(time.Minute); err != ants.ErrPoolClosed {
				t.Errorf("call %d: got %v, want %v", i, err, ants.ErrPoolClosed)
			}
		}
		close(gate)
	})
	if got, want := logged.take(), "ants: a waker panicked when a queued call was refused"; !strings.Contains(got, want) {
		t.Errorf("the log: got %q, want %q in it", got, want)
	}
}

// A moody pool is one of ants whose other methods panic for a while.
type moody struct {
	*ants.Pool
	bad, panics *atomic.Int32 // which method, and how often one has panicked
}

func (m moody) mood(method int32) {
	if m.bad.Load() == method {
		m.panics.Add(1)
		panic(errDoom)
	}
}

func (m moody) Cap() int       { m.mood(1); return m.Pool.Cap() }
func (m moody) Running() int   { m.mood(2); return m.Pool.Running() }
func (m moody) Waiting() int   { m.mood(3); return m.Pool.Waiting() }
func (m moody) IsClosed() bool { m.mood(4); return m.Pool.IsClosed() }

// A method of a pool that panics says that no worker is free. It hurts neither its own
// calls nor those of others.
func TestMethodOfPoolPanics(t *testing.T) {
	methods := []string{"", "Cap", "Running", "Waiting", "IsClosed"}
	logged := captureLog(t)
	for method := int32(1); method <= 4; method++ {
		t.Run(methods[method], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(t, 1, ants.WithMaxBlockingTasks(10))
				m := moody{p, new(atomic.Int32), new(atomic.Int32)}
				first := antsx.Submit(m, work) // all is well yet
				if v, err := first.RecvTimeout(time.Minute); v != 1 || err != nil {
					t.Errorf("before: got %v, %v, want 1, nil", v, err)
				}
				gate := occupy(p)
				m.bad.Store(method)
				var rxs []*oneshot.Receiver[int]
				for range 3 {
					rxs = append(rxs, antsx.Submit(m, work), antsx.Submit(p, work))
				}
				time.Sleep(time.Second)
				close(gate)
				for i, rx := range rxs {
					if v, err := rx.RecvTimeout(time.Minute); v != 1 || err != nil {
						t.Errorf("call %d: got %v, %v, want 1, nil", i, v, err)
					}
				}
				if m.panics.Load() == 0 {
					t.Error("the method was not called")
				}
			})
			if got, want := logged.take(), "ants: "+methods[method]+" of a pool panicked"; !strings.Contains(got, want) {
				t.Errorf("the log: got %q, want %q in it", got, want)
			}
		})
	}
}

// An unequal pool can be compared, but is not equal to itself if its weight is NaN.
type unequal struct{ weight float64 }

func (unequal) Cap() int                 { return 1 }
func (unequal) Running() int             { return 0 }
func (unequal) Waiting() int             { return 0 }
func (unequal) IsClosed() bool           { return false }
func (unequal) Submit(task func()) error { go task(); return nil }

// A pool that is not equal to itself has no queue, since none would be found again: it
// is foreign.
func TestPoolIsNotEqualToItself(t *testing.T) {
	p := unequal{weight: math.NaN()}
	if v, err := antsx.Submit(p, work).RecvTimeout(time.Minute); v != 1 || err != nil {
		t.Errorf("got %v, %v, want 1, nil", v, err)
	}
}

// A partitioned pool has parts, and takes any index for that of a part.
type partitioned struct {
	rogueGauge
	free func(i int) (int, error)
}

func (p *partitioned) FreeByIndex(i int) (int, error) { return p.free(i) }

// What FreeByIndex does with an index that is too large is not relied on.
func TestPartsOfOwnPool(t *testing.T) {
	frees := map[string]func(i int) (int, error){
		"no error": func(int) (int, error) { return 1, nil },
		"a panic":  func(i int) (int, error) { return []int{1, 1}[i], nil },
	}
	for name, free := range frees {
		p := &partitioned{rogueGauge{rogue{func(task func()) error { go task(); return nil }}, false}, free}
		if v, err := antsx.Submit(p, work).RecvTimeout(time.Minute); v != 1 || err != nil {
			t.Errorf("%s: got %v, %v, want 1, nil", name, v, err)
		}
	}
}
