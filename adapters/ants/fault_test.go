package ants_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var errInjected = errors.New("injected")

// A releasable is any pool of upstream's.
type releasable interface {
	antsx.Pool
	ReleaseTimeout(time.Duration) error
	Tune(size int)
}

// flaky and flakyMulti are pools whose Submit fails now and then.
type flaky struct {
	*ants.Pool
	rate int // one in so many
}

func (f *flaky) Submit(task func()) error {
	if f.rate > 0 && rand.IntN(f.rate) == 0 {
		return errInjected
	}
	return f.Pool.Submit(task)
}

type flakyMulti struct {
	*ants.MultiPool
	rate int
}

func (f *flakyMulti) Submit(task func()) error {
	if f.rate > 0 && rand.IntN(f.rate) == 0 {
		return errInjected
	}
	return f.MultiPool.Submit(task)
}

// Everything goes wrong at once, 100,000 times: every receiver ends, once, with
// what became of its call; every function is called once at most, and when its
// result says so; nothing is left behind.
func TestFaults(t *testing.T) {
	rounds, perRound := 50, 2000
	if !testing.Short() {
		rounds *= 2
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	outcomes := make(map[outcome]int)
	for range rounds {
		for _, c := range faultRound(t, rand.New(rand.NewPCG(r.Uint64(), 0)), perRound) {
			outcomes[c.outcome]++
			begun, want := c.begun.Load(), int32(0)
			switch c.outcome {
			case returned, failed, panicked, exited:
				want = 1
			case closed:
				want = min(begun, 1) // it may have begun before
			}
			if begun != want {
				t.Errorf("%s, and called %d times", c.outcome, begun)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%v", outcomes)
	sum := 0
	for o, n := range outcomes {
		if o == none {
			t.Errorf("%d calls have no outcome", n)
		}
		sum += n
	}
	if sum != rounds*perRound {
		t.Errorf("%d outcomes of %d calls", sum, rounds*perRound)
	}
	if len(outcomes) != 7 {
		t.Errorf("the test does not reach every outcome: %v", outcomes)
	}
}

// An outcome is what became of a call.
type outcome string

const (
	none     outcome = ""
	returned outcome = "returned"
	failed   outcome = "failed"
	panicked outcome = "panicked"
	exited   outcome = "exited"
	refused  outcome = "refused by the pool"
	late     outcome = "refused by the context"
	closed   outcome = "receiver closed"
)

// A faultCall is a call that may go wrong in one of twenty ways.
type faultCall struct {
	kind    int
	begun   atomic.Int32
	rx      *oneshot.Receiver[int]
	end     context.CancelCauseFunc // of its context, if it has one
	outcome outcome
}

var errLate = errors.New("context ended")

// faultRound makes n calls on a pool that is tuned and released meanwhile. When
// it returns the pool is released, and all that began has ended.
func faultRound(t *testing.T, r *rand.Rand, n int) []*faultCall {
	const submitters = 4
	pool := faultPool(t, r)
	calls := make([]*faultCall, n)
	for i := range calls {
		calls[i] = &faultCall{kind: r.IntN(20)}
	}
	var wg sync.WaitGroup
	for i := range submitters {
		r := rand.New(rand.NewPCG(r.Uint64(), 0))
		wg.Go(func() { faultSubmit(t, r, pool, calls[i*n/submitters:(i+1)*n/submitters]) })
	}
	at := time.Duration(r.IntN(10_000)) * time.Microsecond
	tunes, released := 20*r.IntN(2), r.IntN(2) == 0
	wg.Go(func() {
		for i := range tunes {
			time.Sleep(at / 20)
			pool.Tune(1 + i%7)
		}
		if released {
			time.Sleep(at)
			if err := pool.ReleaseTimeout(30 * time.Second); err != nil {
				t.Errorf("release: %v", err)
			}
		}
	})
	wg.Wait()
	// No Reboot here: upstream's races with the last worker that leaves.
	if released {
		return calls
	}
	if err := pool.ReleaseTimeout(30 * time.Second); err != nil {
		t.Errorf("release at the end: %v", err)
	}
	return calls
}

// faultSubmit makes calls, and ends their receivers in one way or another.
func faultSubmit(t *testing.T, r *rand.Rand, pool antsx.Pool, calls []*faultCall) {
	done := 0
	for i, c := range calls {
		if r.IntN(3) != 0 {
			c.rx = antsx.Submit(pool, func() (int, error) { return c.run(pool) })
		} else {
			ctx, end := context.WithCancelCause(context.Background())
			c.rx, c.end = antsx.SubmitContext(ctx, pool, func(context.Context) (int, error) { return c.run(pool) }), end
		}
		if r.IntN(8) == 0 {
			runtime.Gosched()
		}
		if r.IntN(100) == 0 || i == len(calls)-1 {
			for ; done <= i; done++ {
				calls[done].receive(t, r)
			}
		}
	}
}

func (c *faultCall) run(pool antsx.Pool) (int, error) {
	c.begun.Add(1)
	switch c.kind {
	case 0:
		panic(errDoom)
	case 1:
		runtime.Goexit()
	case 2:
		return 0, errDoom
	case 3:
		time.Sleep(50 * time.Microsecond)
	case 4, 5:
		runtime.Gosched()
	case 6: // what becomes of the inner call is nobody's
		antsx.Submit(pool, func() (int, error) { return 0, nil })
	}
	return 1, nil
}

func (c *faultCall) receive(t *testing.T, r *rand.Rand) {
	if c.end != nil {
		if r.IntN(4) == 0 {
			c.end(errLate)
		}
		defer c.end(nil)
	}
	if r.IntN(10) == 0 {
		c.rx.Close()
		c.outcome = closed
		return
	}
	v, err := c.rx.RecvTimeout(30 * time.Second)
	var p *future.PanicError
	switch {
	case err == nil && v == 1:
		c.outcome = returned
	case err == errDoom:
		c.outcome = failed
	case errors.As(err, &p) && p.Value == any(errDoom):
		c.outcome = panicked
	case err == future.ErrGoexit:
		c.outcome = exited
	case err == errLate:
		c.outcome = late
	case errors.Is(err, ants.ErrPoolClosed), errors.Is(err, ants.ErrPoolOverload), err == errInjected:
		c.outcome = refused
	default:
		t.Errorf("a receiver ended with %v, %v", v, err)
	}
	if _, err := c.rx.TryRecv(); !errors.Is(err, future.ErrConsumed) {
		t.Errorf("received, and then %v", err)
	}
}

// faultPool makes a pool of any kind.
func faultPool(t *testing.T, r *rand.Rand) releasable {
	opts := []ants.Option{ants.WithPanicHandler(func(v any) { t.Errorf("the pool saw a panic: %v", v) })}
	switch r.IntN(4) {
	case 0:
		opts = append(opts, ants.WithNonblocking(true))
	case 1:
		opts = append(opts, ants.WithMaxBlockingTasks(1+r.IntN(50)))
	}
	if r.IntN(3) == 0 {
		opts = append(opts, ants.WithPreAlloc(true))
	}
	if r.IntN(3) == 0 {
		opts = append(opts, ants.WithExpiryDuration(time.Millisecond))
	}
	size := 1 + r.IntN(8)
	rate := 20 * r.IntN(2)
	if r.IntN(3) == 0 {
		lbs := []ants.LoadBalancingStrategy{ants.RoundRobin, ants.LeastTasks}[r.IntN(2)]
		p, err := ants.NewMultiPool(1+r.IntN(3), size, lbs, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return &flakyMulti{p, rate}
	}
	p, err := ants.NewPool(size, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &flaky{p, rate}
}

// Loops over pools that go wrong in the same ways, from goroutines and from tasks
// on the pool itself: each ends, its pairs are those that it should give, in order
// if it is to give them so, and none after the last; when it has ended nothing
// runs, and nothing begins.
func TestMapFaults(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 50
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range rounds {
		pool := faultPool(t, r)
		var e *executor.Executor
		if r.IntN(2) == 0 {
			e = antsx.NewExecutor(pool)
		}
		var loops []future.Future[int]
		for range 4 {
			r := rand.New(rand.NewPCG(r.Uint64(), 0))
			loop := func(ctx context.Context) (int, error) { faultLoop(ctx, t, r, pool); return 0, nil }
			if e != nil {
				loops = append(loops, executor.Go(e, loop))
			} else {
				loops = append(loops, future.Go(func() (int, error) { return loop(t.Context()) }))
			}
		}
		release := func() {
			if err := pool.ReleaseTimeout(30 * time.Second); err != nil {
				t.Errorf("release: %v", err)
			}
		}
		early := r.IntN(3) == 0
		if early {
			time.Sleep(time.Duration(r.IntN(1000)) * time.Microsecond)
			release()
		}
		for _, f := range loops { // a task may be refused, as a whole
			_, err := future.Await(t.Context(), future.Timeout(f, 30*time.Second))
			if err != nil && !errors.Is(err, ants.ErrPoolClosed) && !(e != nil && err == errInjected) {
				t.Errorf("a loop ended with %v", err)
			}
		}
		if e != nil {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
		if !early {
			release()
		}
	}
}

func faultLoop(ctx context.Context, t *testing.T, r *rand.Rand, pool antsx.Pool) {
	const n = 500
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running atomic.Int32
	var over atomic.Bool
	fn := func(_ context.Context, i int) (int, error) {
		running.Add(1)
		defer running.Add(-1)
		if over.Load() {
			t.Error("a call began after the loop")
		}
		switch i % 20 {
		case 3:
			panic(errDoom)
		case 4:
			runtime.Goexit()
		case 5:
			runtime.Gosched()
		case 6: // beside the loop, on the same pool
			antsx.Submit(pool, work)
		}
		return i, nil
	}
	ordered := r.IntN(2) == 0
	loop := antsx.MapUnordered[int, int]
	if ordered {
		loop = antsx.Map[int, int]
	}
	pairs, enough, late := 0, r.IntN(2*n), r.IntN(2*n)
	var last error
	for v, err := range loop(ctx, pool, count(n), fn) {
		if last != nil {
			t.Errorf("a pair after %v", last)
		}
		var p *future.PanicError
		switch {
		case err == nil:
			if ordered && v != pairs {
				t.Errorf("%d instead of %d", v, pairs)
			}
		case errors.As(err, &p), err == future.ErrGoexit:
		default:
			last = err
		}
		if pairs++; pairs == late {
			cancel(errLate)
		}
		if pairs == enough {
			break
		}
	}
	over.Store(true)
	if c := running.Load(); c != 0 {
		t.Errorf("%d calls run after the loop", c)
	}
	if last == nil && pairs != min(n, enough) && enough != 0 {
		t.Errorf("%d pairs", pairs)
	}
}
