package ants_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/budget"
	"github.com/go-await/await/oneshot"
)

func ExampleMap() {
	pool, err := ants.NewPool(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	double := func(_ context.Context, s string) (int, error) {
		n, err := strconv.Atoi(s)
		return 2 * n, err
	}
	for n, err := range antsx.Map(context.Background(), pool, slices.Values([]string{"1", "two", "3"}), double) {
		fmt.Println(n, err)
	}
	// Output:
	// 2 <nil>
	// 0 strconv.Atoi: parsing "two": invalid syntax
	// 6 <nil>
}

func count(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func square(_ context.Context, n int) (int, error) { return n * n, nil }

func TestMapInOrder(t *testing.T) {
	for _, size := range []int{1, 2, 100, -1} {
		p := newPool(t, size)
		const n = 10_000
		i := 0
		for v, err := range antsx.Map(t.Context(), p, count(n), square) {
			if v != i*i || err != nil {
				t.Fatalf("%d: %v, %v", i, v, err)
			}
			i++
		}
		if i != n {
			t.Errorf("%d results, want %d", i, n)
		}
		seen := make([]bool, n)
		for v, err := range antsx.MapUnordered(t.Context(), p, count(n), func(_ context.Context, n int) (int, error) { return n, nil }) {
			if seen[v] || err != nil {
				t.Fatalf("%d twice, or %v", v, err)
			}
			seen[v] = true
		}
		if slices.Contains(seen, false) {
			t.Error("a result is missing")
		}
	}
}

func ExampleMapUnordered() {
	pool, err := ants.NewPool(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	length := func(_ context.Context, s string) (int, error) { return len(s), nil }
	sum := 0
	for n := range antsx.MapUnordered(context.Background(), pool, slices.Values([]string{"a", "bc", "def"}), length) {
		sum += n
	}
	fmt.Println(sum)
	// Output: 6
}

// What is in flight is bounded by the pool and a buffer, whatever the consumer
// and the functions do, and a slow value does not stop the workers.
func TestMapIsBounded(t *testing.T) {
	for size, limit := range map[int]int{4: 4, -1: 128} {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { mapIsBounded(t, newPool(t, size), limit) })
		})
	}
}

func mapIsBounded(t *testing.T, p *ants.Pool, limit int) {
	const n = 500
	var read, running, most atomic.Int32
	values := func(yield func(int) bool) {
		for i := range n {
			read.Add(1)
			if !yield(i) {
				return
			}
		}
	}
	slow := func(_ context.Context, i int) (int, error) {
		r := running.Add(1)
		defer running.Add(-1)
		raise(&most, r)
		if i%100 == 0 {
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Second)
		return i, nil
	}
	got := 0
	for v, err := range antsx.Map(t.Context(), p, values, slow) {
		if v != got || err != nil {
			t.Fatalf("%d: %v, %v", got, v, err)
		}
		got++
		if ahead := int(read.Load()) - got; ahead > limit+64 {
			t.Fatalf("%d values are ahead of the loop", ahead)
		}
		if got == 250 {
			time.Sleep(time.Hour) // the consumer may be slow, too
		}
	}
	if got != n {
		t.Errorf("%d results, want %d", got, n)
	}
	if m := int(most.Load()); m != limit {
		t.Errorf("at most %d calls at a time, want %d", m, limit)
	}
}

// However the loop ends, no call is running after it, none begins, and the
// context of those that ran has ended.
func TestMapEnds(t *testing.T) {
	type end struct {
		name, reason string
		loop         func(ctx context.Context, cancel context.CancelCauseFunc, p *ants.Pool, seq iter.Seq2[int, error]) error
		want         error
	}
	ends := []end{
		{"break", "the consumer has enough",
			func(_ context.Context, _ context.CancelCauseFunc, _ *ants.Pool, seq iter.Seq2[int, error]) error {
				for range seq {
					break
				}
				return nil
			}, nil},
		{"panic", "the loop body fails",
			func(_ context.Context, _ context.CancelCauseFunc, _ *ants.Pool, seq iter.Seq2[int, error]) (err error) {
				defer func() { err, _ = recover().(error) }()
				for range seq {
					panic(errDoom)
				}
				return nil
			}, errDoom},
		{"context", "the context ends, and the last pair says why",
			func(_ context.Context, cancel context.CancelCauseFunc, _ *ants.Pool, seq iter.Seq2[int, error]) (last error) {
				for _, err := range seq {
					if last != nil {
						return errors.New("another pair after the error")
					}
					last = err
					cancel(errDoom)
				}
				return last
			}, errDoom},
		{"release", "the pool is released, and the last pair says so",
			func(_ context.Context, _ context.CancelCauseFunc, p *ants.Pool, seq iter.Seq2[int, error]) (last error) {
				for _, err := range seq {
					if last != nil {
						return errors.New("another pair after the error")
					}
					last = err
					p.Release()
				}
				return last
			}, ants.ErrPoolClosed},
	}
	for _, tc := range ends {
		for _, size := range []int{1, 8, -1, -8} {
			t.Run(fmt.Sprintf("%s/size=%d", tc.name, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPool(t, max(size, -size), ants.WithNonblocking(size < 0))
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var running atomic.Int32
					var over atomic.Bool
					fn := func(ctx context.Context, i int) (int, error) {
						if over.Load() {
							t.Error("a call began after the loop")
						}
						running.Add(1)
						defer running.Add(-1)
						select { // the first is quick, the others notice the end
						case <-time.After(time.Duration(i) * time.Minute):
						case <-ctx.Done():
							time.Sleep(time.Second)
						}
						return i, nil
					}
					start := time.Now()
					err := tc.loop(ctx, cancel, p, antsx.Map(ctx, p, count(1000), fn))
					over.Store(true)
					// Of the calls that were there at the first result.
					if d := time.Since(start); d > time.Second && tc.want != ants.ErrPoolClosed {
						t.Errorf("%s: the calls that had begun were waited for for %v", tc.reason, d)
					}
					if err != tc.want {
						t.Errorf("%s: %v, want %v", tc.reason, err, tc.want)
					}
					if n := running.Load(); n != 0 {
						t.Errorf("%s: %d calls run on", tc.reason, n)
					}
					time.Sleep(time.Hour)
				})
			})
		}
	}
}

func TestMapPanicAndGoexit(t *testing.T) {
	p := newPool(t, 3)
	fn := func(_ context.Context, i int) (int, error) {
		switch i % 3 {
		case 1:
			panic(errDoom)
		case 2:
			runtime.Goexit()
		}
		return i, nil
	}
	i := 0
	for v, err := range antsx.Map(t.Context(), p, count(300), fn) {
		switch i % 3 {
		case 0:
			if v != i || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
		case 1:
			if !errors.Is(err, errDoom) {
				t.Errorf("%d: %v", i, err)
			}
		case 2:
			if err != future.ErrGoexit {
				t.Errorf("%d: %v", i, err)
			}
		}
		i++
	}
	if i != 300 {
		t.Errorf("%d results", i)
	}
}

// A pool that does not block gives what workers it has; one that has none ends
// the loop.
func TestMapNonblockingPool(t *testing.T) {
	p := newPool(t, 2, ants.WithNonblocking(true))
	gate := occupy(p)
	n := 0
	for v, err := range antsx.Map(t.Context(), p, count(1000), square) {
		if v != n*n || err != nil {
			t.Fatalf("%d: %v, %v", n, v, err)
		}
		n++
	}
	if n != 1000 {
		t.Errorf("%d results", n)
	}
	second := occupy(p)
	for _, err := range antsx.Map(t.Context(), p, count(1000), square) {
		if !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("no worker: %v", err)
		}
		n++
	}
	if n != 1001 {
		t.Errorf("%d pairs of a loop without workers, want 1", n-1000)
	}
	close(gate)
	close(second)
}

// A worker that has left is not back in its pool at once, and a pool that does not
// block refuses meanwhile. That must not end a loop: not when there is nothing to
// do for a while, and not when a call ends its goroutine. Found by this package's
// tests under load.
func TestMapKeepsAWorkerOfNonblockingPool(t *testing.T) {
	fn := func(_ context.Context, i int) (int, error) {
		if i%7 == 6 {
			runtime.Goexit()
		}
		return i, nil
	}
	loops := map[string]func(context.Context, antsx.Pool, iter.Seq[int], func(context.Context, int) (int, error)) iter.Seq2[int, error]{
		"ordered":   antsx.Map[int, int],
		"unordered": antsx.MapUnordered[int, int],
	}
	for name, loop := range loops {
		for _, size := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/size=%d", name, size), func(t *testing.T) {
				p := newPool(t, size, ants.WithNonblocking(true))
				const n = 7000
				values, exits, sum := 0, 0, 0
				for v, err := range loop(t.Context(), p, count(n), fn) {
					switch err {
					case nil:
						values, sum = values+1, sum+v
					case future.ErrGoexit:
						exits++
					default:
						t.Fatalf("after %d results: %v", values+exits, err)
					}
					if v%3 == 0 {
						runtime.Gosched() // the worker runs out of values
					}
				}
				if values != n/7*6 || exits != n/7 || sum != 20_994_000 {
					t.Errorf("%d values, %d exits, the sum is %d", values, exits, sum)
				}
			})
		}
	}
}

// A pool with a MaxBlockingTasks may refuse a worker to a loop whose worker gives
// way to others, or whose call ends its goroutine. That must not end the loop.
func TestMapOnLimitedPool(t *testing.T) {
	p := newPool(t, 1, ants.WithMaxBlockingTasks(1))
	const n = 20
	ahead := make(chan struct{})
	values := func(yield func(int) bool) {
		for i := range n {
			if i == n/2 {
				close(ahead)
			}
			if !yield(i) {
				return
			}
		}
	}
	var others []*oneshot.Receiver[int]
	fn := func(_ context.Context, i int) (int, error) {
		<-ahead // so that there is more to do
		others = append(others, antsx.Submit(p, work))
		if i%7 == 6 {
			runtime.Goexit()
		}
		return i, nil
	}
	i := 0
	for v, err := range antsx.Map(t.Context(), p, values, fn) {
		if exits := i%7 == 6; exits != (err == future.ErrGoexit) || !exits && (v != i || err != nil) {
			t.Fatalf("%d: %v, %v", i, v, err)
		}
		i++
	}
	if i != n {
		t.Errorf("%d results, want %d", i, n)
	}
	for i, rx := range others { // the first was queued, and did not wait for ever
		if v, err := rx.Recv(); !(v == 1 && err == nil) && (i == 0 || !errors.Is(err, ants.ErrPoolOverload)) {
			t.Errorf("beside the loop: %d: %v, %v", i, v, err)
		}
	}
}

// That a pool has refused a worker once, when there was another, is nothing to end
// the loop with when that one has gone.
func TestMapAfterRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 2, ants.WithMaxBlockingTasks(1), ants.WithExpiryDuration(time.Minute))
		gate := occupy(p)
		values := func(yield func(int) bool) {
			for i := range 40 {
				if !yield(i) {
					return
				}
				switch i % 10 {
				case 0:
					time.Sleep(time.Millisecond) // from now on nobody may wait
				case 9:
					time.Sleep(time.Hour) // and now the worker has gone
				}
			}
		}
		slow := func(_ context.Context, i int) (int, error) {
			if i%10 == 0 {
				antsx.Submit(p, work)
			}
			time.Sleep(time.Second)
			return i, nil
		}
		i := 0
		for v, err := range antsx.Map(t.Context(), p, values, slow) {
			if v != i || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
			i++
		}
		if i != 40 {
			t.Errorf("%d results, want 40", i)
		}
		close(gate)
	})
}

// A loop that has ended before it got a worker does not keep its place in the queue.
func TestMapGivenUp(t *testing.T) {
	p := newPool(t, 1, ants.WithMaxBlockingTasks(1))
	gate := occupy(p)
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		for v, err := range antsx.Map(ctx, p, count(10), square) {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, %v", v, err)
			}
		}
		cancel()
	}
	rx := antsx.Submit(p, work)
	close(gate)
	if v, err := rx.Recv(); v != 1 || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// The worker that is kept goes when the pool is released.
func TestMapOnReleasedNonblockingPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 2, ants.WithNonblocking(true))
		values, released := 0, time.Now().Add(time.Hour)
		slow := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
				time.Sleep(time.Minute) // nobody has anything to do, or to see
			}
		}
		time.AfterFunc(time.Until(released), func() {
			if err := p.ReleaseTimeout(time.Hour); err != nil {
				t.Errorf("release: %v", err)
			}
		})
		var last error
		for _, err := range antsx.Map(t.Context(), p, slow, square) {
			if last = err; err == nil {
				values++
			}
		}
		if !errors.Is(last, ants.ErrPoolClosed) {
			t.Errorf("the loop ended with %v", last)
		}
		if d := time.Since(released); values < 60 || d > 2*time.Minute {
			t.Errorf("%d values, and the end %v after the release", values, d)
		}
	})
}

// A task on the only worker of a pool maps over it.
func TestMapInTask(t *testing.T) {
	p := newPool(t, 1)
	e := antsx.NewExecutor(p)
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (sum int, _ error) {
		for v, err := range antsx.Map(ctx, p, count(100), square) {
			if err != nil {
				return sum, err
			}
			sum += v
		}
		return sum, nil
	})
	if v, err := future.Await(t.Context(), h); v != 328350 || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// Others get a turn on the workers while a long loop runs.
func TestMapSharesThePool(t *testing.T) {
	p := newPool(t, 1)
	stop := make(chan struct{})
	forever := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
			select {
			case <-stop:
				return
			default:
			}
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range antsx.Map(context.Background(), p, forever, square) {
		}
	}()
	for range 100 {
		if v, err := antsx.Submit(p, work).Recv(); v != 1 || err != nil {
			t.Fatalf("Submit: %v, %v", v, err)
		}
		done := make(chan struct{})
		if err := p.Submit(func() { close(done) }); err != nil {
			t.Fatal(err)
		}
		<-done
	}
	close(stop)
	<-ended
}

// A value costs no allocation, however many there are.
func TestMapAllocations(t *testing.T) {
	budget.Check(t)
	p := newPool(t, 1)
	const n = 10_000
	loop := func(n int) func() {
		return func() {
			for _, err := range antsx.Map(t.Context(), p, count(n), square) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	few, many := testing.AllocsPerRun(10, loop(100)), testing.AllocsPerRun(10, loop(n))
	// One or two for each wait, of which there is one for half a backlog.
	if most := few + n/8; many > most {
		t.Errorf("%v allocations for %d values, %v for 100", many, n, few)
	}
}

// Two loops share a worker, although each always finds the other waiting for it.
func TestMapsShareAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 300
		p := newPool(t, 1)
		slow := func(_ context.Context, i int) (int, error) { time.Sleep(time.Second); return i, nil }
		start := time.Now()
		var loops sync.WaitGroup
		for range 2 {
			loops.Go(func() {
				for _, err := range antsx.Map(t.Context(), p, count(n), slow) {
					if err != nil {
						t.Error(err)
					}
				}
				if d := time.Since(start); d < n*3/2*time.Second {
					t.Errorf("one has ended after %v, and the other waited", d)
				}
			})
		}
		loops.Wait()
		if d := time.Since(start); d != 2*n*time.Second {
			t.Errorf("both have ended after %v", d)
		}
	})
}

// They get it also when the loop always has something to do.
func TestMapGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 1)
		slow := func(ctx context.Context, i int) (int, error) { time.Sleep(time.Second); return i, nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range antsx.Map(ctx, p, count(math.MaxInt), slow) {
			}
		}()
		for range 10 {
			time.Sleep(time.Minute)
			if v, err := antsx.Submit(p, work).RecvTimeout(3 * time.Second); v != 1 || err != nil {
				t.Errorf("Submit: %v, %v", v, err)
			}
		}
		cancel()
		<-ended
	})
}

// Memory does not grow with the number of values.
func TestMapInConstantMemory(t *testing.T) {
	p := newPool(t, 2)
	live := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before, most := live(), uint64(0)
	n := 0
	for _, err := range antsx.Map(t.Context(), p, count(200_000), square) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%50_000 == 0 {
			most = max(most, live())
		}
	}
	if most > before+1<<20 {
		t.Errorf("%d bytes live in the loop, %d before it", most, before)
	}
}

// A loop's worker gives way to calls that fill the queue up to its limit: who takes its
// place may wait beyond that.
func TestMapGivesWayToFullQueue(t *testing.T) {
	const limit = 3
	for _, queued := range []int{1, limit, limit + 1} {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(t, 1, ants.WithMaxBlockingTasks(limit))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for range antsx.Map(ctx, p, count(math.MaxInt), func(_ context.Context, i int) (int, error) {
					time.Sleep(time.Second)
					return i, nil
				}) {
				}
			}()
			time.Sleep(time.Minute + time.Second/2) // in the middle of a call: the loop itself queues none
			var rxs []*oneshot.Receiver[int]
			for range queued {
				rxs = append(rxs, antsx.Submit(p, work))
			}
			for i, rx := range rxs {
				want := error(nil)
				if i == limit {
					want = ants.ErrPoolOverload
				}
				if _, err := rx.RecvTimeout(time.Minute); err != want {
					t.Errorf("call %d of %d: %v, want %v", i+1, queued, err, want)
				}
			}
			cancel()
			<-ended
		})
	}
}

// When the context ends the loop gives the results that are there, Map up to the first
// that is not, and then the cause.
func TestMapGivesResultsAtTheEndOfContext(t *testing.T) {
	type seq = iter.Seq2[int, error]
	loops := map[string]func(ctx context.Context, p antsx.Pool, fn func(context.Context, int) (int, error)) seq{
		"Map": func(ctx context.Context, p antsx.Pool, fn func(context.Context, int) (int, error)) seq {
			return antsx.Map(ctx, p, count(6), fn)
		},
		"MapUnordered": func(ctx context.Context, p antsx.Pool, fn func(context.Context, int) (int, error)) seq {
			return antsx.MapUnordered(ctx, p, count(6), fn)
		},
	}
	tests := []struct {
		name  string
		never int // its call does not return
		want  map[string]string
	}{
		{"all are there", -1, map[string]string{"Map": "[0 1 2 3 4 5] doom", "MapUnordered": "[0 1 2 3 4 5] doom"}},
		{"the last is not", 5, map[string]string{"Map": "[0 1 2 3 4] doom", "MapUnordered": "[0 1 2 3 4] doom"}},
		{"one is not", 2, map[string]string{"Map": "[0 1] doom", "MapUnordered": "[0 1 3 4 5] doom"}},
	}
	for name, loop := range loops {
		for _, size := range []int{2, 8, -1} {
			for _, tc := range tests {
				t.Run(fmt.Sprintf("%s/%d/%s", name, size, tc.name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancelCause(t.Context())
						defer cancel(nil)
						fn := func(ctx context.Context, i int) (int, error) {
							if i == tc.never {
								<-ctx.Done()
								return 0, context.Cause(ctx)
							}
							time.Sleep(time.Duration(i+1) * time.Second)
							return i, nil
						}
						var got []int
						var last error
						for v, err := range loop(ctx, newPool(t, size), fn) {
							if last = err; err != nil {
								break
							}
							if got = append(got, v); len(got) == 1 {
								time.Sleep(time.Hour)
								cancel(errDoom)
							}
						}
						if name == "MapUnordered" {
							slices.Sort(got)
						}
						if got := fmt.Sprint(got, last); got != tc.want[name] {
							t.Errorf("got %s, want %s", got, tc.want[name])
						}
					})
				})
			}
		}
	}
}

// A loop on a task's own goroutine suspends the task, whatever context it is given:
// Run has one goroutine for all its tasks.
func TestMapSuspendsTheTaskWithAnyContext(t *testing.T) {
	contexts := map[string]func(outer, task context.Context) context.Context{
		"background": func(_, _ context.Context) context.Context { return context.Background() },
		"outer":      func(outer, _ context.Context) context.Context { return outer },
		"the task's": func(_, task context.Context) context.Context { return task },
	}
	for name, choose := range contexts {
		for _, size := range []int{1, -1} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPool(t, size)
					_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
						beside := make(chan struct{})
						h := executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) {
							close(beside)
							return 0, nil
						})
						wait := func(_ context.Context, i int) (int, error) { <-beside; return i, nil }
						n := 0
						for v, err := range antsx.Map(choose(t.Context(), ctx), p, count(300), wait) {
							if v != n || err != nil {
								t.Fatalf("got %v, %v, want %d, nil", v, err, n)
							}
							n++
						}
						return future.Await(ctx, h)
					})
					if err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// A panicking is a task of some executor whose waker panics.
type panicking struct {
	waker *future.Waker
	woken chan struct{}
}

func (p *panicking) Enter() (*future.Waker, uint32) { return p.waker, 0 }

func (p *panicking) Suspend(context.Context, any, uint32) uint32 { <-p.woken; return 0 }

// A waker that panics ends neither the loop nor a worker.
func TestMapSurvivesWakerThatPanics(t *testing.T) {
	output := log.Writer()
	log.SetOutput(io.Discard) // of package slog
	defer log.SetOutput(output)
	s := &panicking{woken: make(chan struct{}, 1)}
	s.waker = future.NewWaker(func() {
		select {
		case s.woken <- struct{}{}:
		default:
		}
		panic(errDoom)
	})
	p := newPool(t, 2, ants.WithPanicHandler(func(v any) { t.Errorf("the pool's handler got %v", v) }))
	ctx := future.WithSuspender(t.Context(), s)
	n := 0
	for v, err := range antsx.Map(ctx, p, count(1000), square) {
		if v != n*n || err != nil {
			t.Fatalf("got %v, %v, want %d, nil", v, err, n*n)
		}
		n++
	}
	if n != 1000 {
		t.Errorf("got %d results, want 1000", n)
	}
}
