package ants

import (
	"fmt"
	"runtime"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/internal/safe"
)

// NewExecutor returns an executor whose tasks run on workers of p, beside what
// else runs there: executor.New with [executor.WithRunner].
//
// Its tasks may await each other, give p more to do with [Submit] and with the
// executor, and await that, on however few workers: a task that waits is
// suspended and holds none. They take as many workers at a time as there are
// processors, or as p has if these are fewer; opts may say otherwise. A worker
// goes back to p when there is nothing to run, and after a turn when there is.
//
// A p that does not block, or has a MaxBlockingTasks, may refuse for a while:
// then the executor tries again, as [executor.WithRunner] describes. When p is
// released the tasks are cancelled with the cause ants.ErrPoolClosed, each when
// it would next run. Close the executor before releasing p to be rid of all.
//
// While others keep all workers of p no task runs, but canceled ones end, as
// [executor.WithRunner] describes. So do Shutdown and Close. NewExecutor panics if p or
// an option is nil.
func NewExecutor(p Pool, opts ...executor.Option) *executor.Executor {
	r := routeOf("NewExecutor", p)
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("ants: NewExecutor: option %d of %d is nil", i+1, len(opts)))
		}
	}
	workers := runtime.GOMAXPROCS(0)
	if g, ok := p.(gauge); ok && g.Cap() > 0 {
		workers = min(workers, g.Cap())
	}
	first := []executor.Option{executor.WithWorkers(workers), executor.WithRunner(runner{p, r})}
	return executor.New(append(first, opts...)...)
}

// A runner is a Pool as an executor sees it. The goroutine that calls Submit waits
// for a worker: in a queue, if the pool has one, with all else that waits there.
type runner struct {
	pool  Pool
	route *route // nil if Submit of pool is to be called as it is
}

func (r runner) Submit(task func()) error {
	var err error
	if r.route == nil {
		err = r.pool.Submit(task)
	} else {
		s := &shift{task: holdFunc(task), begun: make(chan error, 1)}
		r.route.submit(s)
		err = s.accepted()
	}
	if safe.Is(err, ants.ErrPoolOverload) {
		return overload{err}
	}
	return err
}

// A shift is the job of a worker of an executor.
type shift struct {
	link
	task  onceFunc   // a func()
	route *route     // by which it came into a queue
	begun chan error // nil when it begins, or why it never will
}

// accepted returns nil once the pool has accepted s, or why it will not. A shift that is
// queued is accepted when it begins. One that is not has been given to the pool, which
// has answered.
func (s *shift) accepted() error {
	if s.route != nil {
		return <-s.begun
	}
	select {
	case err := <-s.begun:
		return err
	default:
		return nil
	}
}

func (s *shift) enter(r *route) { s.route = r }
func (s *shift) leave() bool    { return true }
func (s *shift) via() *route    { return s.route }

func (s *shift) refuse(err error) bool {
	task := takeFunc[func()](&s.task)
	if task != nil {
		s.begun <- err
	}
	return task != nil
}

func (s *shift) run() {
	if task := takeFunc[func()](&s.task); task != nil {
		s.begun <- nil
		task()
	}
}

// overload is ants.ErrPoolOverload, which passes.
type overload struct{ error }

func (overload) Temporary() bool { return true }
