package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// quiet discards what an executor logs.
var quiet = executor.WithLogger(slog.New(slog.DiscardHandler))

// executors are the kinds of executor that stress and property tests run on.
var executors = []struct {
	name string
	make func() *executor.Executor
}{
	{"1 worker", func() *executor.Executor { return executor.New(executor.WithWorkers(1), quiet) }},
	{"2 workers", func() *executor.Executor { return executor.New(executor.WithWorkers(2), quiet) }},
	{"8 workers", func() *executor.Executor { return executor.New(executor.WithWorkers(8), quiet) }},
	{"runner", func() *executor.Executor {
		return executor.New(executor.WithWorkers(3), quiet, executor.WithRunner(runnerFunc(func(f func()) error {
			if rand.IntN(10) == 0 {
				return overloaded{errRefused}
			}
			go f()
			return nil
		})))
	}},
}

// A crowd is tasks that spawn, wake and cancel each other.
type crowd struct {
	e              *executor.Executor
	toSpawn        atomic.Int64 // so many may still be spawned
	spawned, ended atomic.Int64
	mu             sync.Mutex
	handles        []*executor.Handle[int] // of some that may live
	senders        []*oneshot.Sender[int]  // for somebody who may wait
	wakers         []*future.Waker         // of tasks that may have ended
}

// swap puts x into a random place of list, and returns what was there.
func swap[T any](c *crowd, list *[]T, x T) (old T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(*list) < 64 {
		*list = append(*list, x)
		return old
	}
	i := rand.IntN(len(*list))
	old, (*list)[i] = (*list)[i], x
	return old
}

// pick returns one of list, or zero.
func pick[T any](c *crowd, list *[]T) (x T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(*list) > 0 {
		x = (*list)[rand.IntN(len(*list))]
	}
	return x
}

func (c *crowd) spawn() {
	if c.toSpawn.Add(-1) < 0 {
		return
	}
	c.spawned.Add(1)
	ended := executor.OnTaskEnd(func(error) { c.ended.Add(1) })
	var h *executor.Handle[int]
	if rand.IntN(2) == 0 {
		h = executor.Go(c.e, c.code, ended)
	} else {
		h = executor.Spawn(c.e, c.future(), ended)
	}
	if old := swap(c, &c.handles, h); old != nil && rand.IntN(8) == 0 {
		old.Cancel() // nobody else polls it: it was ours alone to take out
	}
}

// wait is something to wait for: it is ready, or somebody resolves it, or nobody
// does.
func (c *crowd) wait() future.Future[int] {
	switch rand.IntN(6) {
	case 0:
		return future.Ready(1)
	case 1:
		return future.Go(func() (int, error) { return 1, nil })
	default:
		tx, rx := oneshot.New[int]()
		if old := swap(c, &c.senders, tx); old != nil {
			_ = old.Send(1) // so that most who wait go on some time
		}
		return rx
	}
}

// mingle does something to the others.
func (c *crowd) mingle() {
	switch rand.IntN(8) {
	case 0, 1:
		c.spawn()
	case 2:
		if h := pick(c, &c.handles); h != nil {
			h.CancelCause(errCause)
		}
	case 3, 4:
		if tx := pick(c, &c.senders); tx != nil {
			_ = tx.Send(1)
		}
	case 5:
		pick(c, &c.wakers).Wake() // spurious, or after its end
	case 6:
		if h := pick(c, &c.handles); h != nil {
			h.Done()
		}
	}
}

func (c *crowd) code(ctx context.Context) (int, error) {
	for range 1 + rand.IntN(8) {
		c.mingle()
		var err error
		switch rand.IntN(3) {
		case 0:
			err = executor.Yield(ctx)
		default:
			_, err = future.Await(ctx, c.wait())
		}
		if err != nil {
			c.mingle() // while it unwinds
			return 0, err
		}
		switch rand.IntN(200) {
		case 0:
			panic("boo")
		case 1:
			runtime.Goexit()
		}
	}
	return 1, nil
}

func (c *crowd) future() future.Future[int] {
	turns := 1 + rand.IntN(8)
	var waits future.Future[int]
	return future.Func(func(w *future.Waker) (int, bool, error) {
		swap(c, &c.wakers, w)
		for ; turns > 0; turns-- {
			c.mingle()
			switch rand.IntN(200) {
			case 0:
				panic("boo")
			case 1:
				runtime.Goexit()
			}
			if waits == nil {
				waits = c.wait()
			}
			if _, ready, _ := waits.Poll(w); !ready {
				return 0, false, nil
			}
			waits = nil
			if rand.IntN(3) == 0 {
				w.Wake()
				return 0, false, nil
			}
		}
		return 1, true, nil
	})
}

// However tasks spawn, wake and cancel each other, all of them end once, and
// nothing is left.
func TestCrowd(t *testing.T) {
	tasks := 20_000
	switch {
	case testing.Short():
		tasks = 2000
	case underRace:
		tasks = 5000 // many of them wait on stacks, which are large then: a gigabyte in all
	}
	for _, ex := range executors {
		t.Run(ex.name, func(t *testing.T) {
			t.Parallel()
			c := &crowd{e: ex.make()}
			c.toSpawn.Store(int64(tasks))
			var outsiders sync.WaitGroup
			for range 2 {
				outsiders.Go(func() {
					for c.toSpawn.Load() > 0 {
						c.spawn()
						c.mingle()
						if rand.IntN(64) == 0 {
							runtime.Gosched()
						}
					}
				})
			}
			outsiders.Wait()
			if rand.IntN(2) == 0 {
				_ = c.e.Close()
			} else {
				over, cancel := context.WithCancelCause(context.Background())
				cancel(errCause)
				if err := c.e.Shutdown(over); err != nil && !errors.Is(err, errCause) {
					t.Error(err)
				}
				_ = c.e.Shutdown(context.Background()) // until the rest has ended by itself
			}
			if s, n := c.spawned.Load(), c.ended.Load(); s != n || s != int64(tasks) {
				t.Errorf("%d tasks were spawned, %d have ended, of %d", s, n, tasks)
			}
			if s := c.e.Stats(); s.Live != 0 || s.Queued != 0 {
				t.Errorf("left: %+v", s)
			}
		})
	}
}

// Spawns race with the end of their executor: each is run or refused.
func TestSpawnBesideClose(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	for _, ex := range executors {
		t.Run(ex.name, func(t *testing.T) {
			for range rounds {
				e := ex.make()
				var spawners sync.WaitGroup
				for range 3 {
					spawners.Go(func() {
						for {
							v, err := future.Await(context.Background(), executor.Go(e, func(context.Context) (int, error) { return 1, nil }))
							if errors.Is(err, executor.ErrClosed) {
								return
							}
							if v != 1 || err != nil {
								t.Errorf("%d, %v", v, err)
								return
							}
							giveWay()
						}
					})
				}
				runtime.Gosched()
				_ = e.Close()
				spawners.Wait()
			}
		})
	}
}

// giveWay lets other goroutines run if there is one processor: a loop there keeps it for
// 10 ms, and the goroutine that ends the loop waits as long for each step.
func giveWay() {
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.Gosched()
	}
}

// A plan is a tree of tasks: what each starts, in which order it awaits that, and
// whether it cancels some of it instead.
type plan struct {
	coroutine bool
	yields    int
	value     int
	fails     bool
	canceled  bool // by its parent, before it is awaited
	reverse   bool // awaits the children in the reverse order
	detached  bool // as a goroutine that blocks, not as a task
	children  []*plan
}

func drawPlan(t *rapid.T, depth int) *plan {
	p := &plan{
		coroutine: rapid.Bool().Draw(t, "coroutine"),
		yields:    rapid.IntRange(0, 3).Draw(t, "yields"),
		value:     rapid.IntRange(0, 100).Draw(t, "value"),
		fails:     rapid.IntRange(0, 9).Draw(t, "fails") == 0,
		canceled:  rapid.IntRange(0, 9).Draw(t, "canceled") == 0,
		reverse:   rapid.Bool().Draw(t, "reverse"),
		detached:  rapid.IntRange(0, 9).Draw(t, "detached") == 0,
	}
	if depth > 0 {
		for range rapid.IntRange(0, 3).Draw(t, "children") {
			p.children = append(p.children, drawPlan(t, depth-1))
		}
	}
	return p
}

// sum is what the plan comes to: its value and its children's, where one that
// fails counts 1000 and one that is cancelled, which may come too late, is left
// out.
func (p *plan) sum() (int, error) {
	s := p.value
	for _, c := range p.children {
		v, err := c.sum()
		switch {
		case c.canceled:
		case err != nil:
			s += 1000
		default:
			s += v
		}
	}
	if p.fails {
		return 0, errCause
	}
	return s, nil
}

// run does the same with tasks.
func (p *plan) run(ctx context.Context) (int, error) {
	fs := make([]future.Future[int], len(p.children))
	for i, c := range p.children {
		fs[i] = c.start(executor.FromContext(ctx))
	}
	s := p.value
	for i := range fs {
		if p.reverse {
			i = len(fs) - 1 - i
		}
		if p.children[i].canceled {
			future.Cancel(fs[i])
			continue
		}
		v, err := future.Await(ctx, fs[i])
		if err != nil && err != errCause {
			return 0, err
		}
		if err != nil {
			v = 1000
		}
		s += v
	}
	for range p.yields {
		if err := executor.Yield(ctx); err != nil {
			return 0, err
		}
	}
	if p.fails {
		return 0, errCause
	}
	return s, nil
}

func (p *plan) start(e *executor.Executor) future.Future[int] {
	switch {
	case p.coroutine:
		return executor.Go(e, p.run)
	case p.detached:
		return future.Go(func() (int, error) { return future.Await(context.Background(), executor.Go(e, p.run)) })
	}
	// A task without a stack: its children's results, one after the other.
	var fs []future.Future[int]
	for _, c := range p.children {
		f := c.start(e)
		if c.canceled {
			future.Cancel(f)
			continue
		}
		fs = append(fs, future.Catch(f, func(err error) (int, error) {
			if err == errCause {
				return 1000, nil
			}
			return 0, err
		}))
	}
	yields := p.yields
	return executor.Spawn(e, future.Then(future.All(fs...), func(vs []int) future.Future[int] {
		s := p.value
		for _, v := range vs {
			s += v
		}
		return future.Func(func(w *future.Waker) (int, bool, error) {
			if yields > 0 {
				yields--
				w.Wake()
				return 0, false, nil
			}
			if p.fails {
				return 0, true, errCause
			}
			return s, true, nil
		})
	}))
}

// Any tree of tasks comes to the same sum as a loop.
func TestTreesOfTasks(t *testing.T) {
	es := map[string]*executor.Executor{}
	for _, ex := range executors {
		e := ex.make()
		defer e.Close()
		es[ex.name] = e
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t, 4)
		want, wantErr := p.sum()
		for name, e := range es {
			if v, err := future.Await(context.Background(), p.start(e)); v != want || err != wantErr {
				t.Fatalf("%s: %d, %v, want %d, %v", name, v, err, want, wantErr)
			}
		}
		v, err := executor.Run(context.Background(), p.run)
		if v != want || err != wantErr {
			t.Fatalf("Run: %d, %v, want %d, %v", v, err, want, wantErr)
		}
	})
	for name, e := range es {
		if err := e.Shutdown(context.Background()); err != nil {
			t.Error(fmt.Errorf("%s: %w", name, err))
		}
	}
}
