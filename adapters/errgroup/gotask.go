package errgroup

import (
	"context"

	"github.com/go-await/await/executor"
)

// GoTask runs fn as a task of e that belongs to g: Wait waits for it, the limit
// counts it, its failure is the group's, and the context of fn descends from the
// group's and ends with it. At the limit it waits for a place first, as
// [Group.Go] does. The task keeps its place while it awaits something, also when
// that is another of the group.
//
// A task that ends with an error is a failure, whichever it is: also one that was
// cancelled through its handle, and [executor.ErrClosed] if e takes no more tasks.
// So is a panic, as a [*future.PanicError], and runtime.Goexit. When Wait has
// returned, every handle has its result. GoTask panics if g, e or fn is nil.
func GoTask[T any](g *Group, e *executor.Executor, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	check("GoTask", g, fn == nil)
	if e == nil {
		panic("errgroup: GoTask: e is nil")
	}
	lent := g.enter()
	p := g.places
	task := fn
	if p != nil {
		task = func(ctx context.Context) (T, error) {
			p.join(ctx)
			defer p.part()
			return fn(ctx)
		}
	}
	opts := []executor.TaskOption{executor.OnTaskEnd(g.taskEnded)}
	if g.scope != nil {
		opts = append(opts, executor.TaskContext(g.scope.ctx))
	}
	h := executor.Go(e, task, opts...)
	lent.regain()
	return h
}

func (g *Group) taskEnded(err error) {
	if err != nil {
		g.fail(err)
	}
	g.leave()
}
