package errgroup

import (
	"context"
	"fmt"

	"github.com/go-await/await/executor"
)

// GoTask runs fn as a task of s, an executor or a [executor.TaskGroup], that belongs
// to g: Wait waits for it, the limit counts it, its failure is the group's, and the
// context of fn ends with the group's. It descends from the group's too, except in a
// TaskGroup, whose own it descends from. At the limit GoTask waits for a place first,
// as [Group.Go] does, also if the group's context ends: places become free as the tasks
// that the end cancels return. So a limit bounds what a producer queues on an executor. The
// task keeps its place while it awaits something, also when that is another of the group.
//
// A task that ends with an error is a failure, whichever it is: also one that was
// canceled through its handle, and one that s refused. So is a panic, as a
// [*future.PanicError], and runtime.Goexit. When Wait has returned, every handle has
// its result. GoTask panics if g or fn is nil, or s is nil or a zero value.
func GoTask[T any](g *Group, s executor.Spawner, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	check("GoTask", g, fn == nil)
	if s == nil {
		panic("errgroup: GoTask: s is nil")
	}
	lent := g.enter()
	started := false
	defer func() {
		if !started { // nothing was, so that taskEnded is not called
			v := recover()
			g.leave()
			lent.regain()
			panic(fmt.Sprintf("errgroup: GoTask: s: %v", v))
		}
	}()
	opts := []executor.TaskOption{executor.OnTaskEnd(g.taskEnded)}
	task := fn
	if p := g.places; p != nil {
		task = func(ctx context.Context) (T, error) {
			p.join(ctx)
			defer p.part()
			return fn(ctx)
		}
	}
	if scope := g.scope; scope != nil {
		opts = append(opts, executor.TaskContext(scope.ctx)) // a TaskGroup has its own
		if _, ok := s.(*executor.Executor); !ok {
			inPlace := task
			task = func(ctx context.Context) (T, error) {
				ctx, cancel := scope.join(ctx)
				defer cancel()
				return inPlace(ctx)
			}
		}
	}
	h := executor.Go(s, task, opts...)
	started = true
	lent.regain()
	return h
}

// join returns a context that descends from ctx, and ends with that of the group
// too. The returned function releases it.
func (s *scope) join(ctx context.Context) (context.Context, func()) {
	joined, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	return joined, func() {
		stop()
		cancel(nil)
	}
}

func (g *Group) taskEnded(err error) {
	if err != nil {
		g.fail(err)
	}
	g.leave()
}
