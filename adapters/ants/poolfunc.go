package ants

import (
	"context"
	"fmt"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/oneshot"
)

// A PoolWithFunc is a pool for one function, whose every call has a result. It
// has the methods of ants.PoolWithFuncGeneric, with Invoke replaced. It is made by
// [NewPoolWithFunc]: the methods of any other panic.
type PoolWithFunc[A, R any] struct {
	pool  *ants.PoolWithFuncGeneric[job]
	fn    func(A) (R, error)
	queue *queue
}

// NewPoolWithFunc returns a pool of size workers that call fn. The options are
// upstream's, and so are the errors: ants.ErrLackPoolFunc if fn is nil. It panics if an
// option is nil. The pool must be released.
func NewPoolWithFunc[A, R any](size int, fn func(A) (R, error), opts ...ants.Option) (*PoolWithFunc[A, R], error) {
	var o ants.Options
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("ants: NewPoolWithFunc: option %d of %d is nil", i+1, len(opts)))
		}
		opt(&o)
	}
	if fn == nil {
		return nil, ants.ErrLackPoolFunc
	}
	p := &PoolWithFunc[A, R]{fn: fn}
	pool, err := ants.NewPoolWithFuncGeneric(size, p.work, ants.WithOptions(o))
	if err != nil {
		return nil, err
	}
	p.pool = pool
	p.queue = newQueueOf(pool, o.Nonblocking, o.MaxBlockingTasks)
	p.queue.own.invoke = pool.Invoke
	return p, nil
}

// Invoke has a worker call the function with a, and returns the receiver of the
// result. It is [Submit] in all else.
func (p *PoolWithFunc[A, R]) Invoke(a A) *oneshot.Receiver[R] {
	pool := p.made("Invoke")
	c := newCall(func() (R, error) { return p.fn(a) })
	if p.queue.direct {
		attempt(c, func() error { return pool.Invoke(c) })
	} else {
		p.queue.own.submit(c)
	}
	return c.receiver()
}

// work is what a worker does with what it is handed.
func (p *PoolWithFunc[A, R]) work(j job) {
	switch {
	case p.queue.direct:
		j.run()
	case j == nil:
		p.queue.own.arrive()
	default:
		p.queue.own.work(j)
	}
}

// made returns the pool of ants, for the method that is called.
func (p *PoolWithFunc[A, R]) made(method string) *ants.PoolWithFuncGeneric[job] {
	if p == nil || p.pool == nil {
		panic("ants: PoolWithFunc." + method + ": the pool was not made by NewPoolWithFunc")
	}
	return p.pool
}

// Cap returns the number of workers that there may be, or -1 if there is no limit.
func (p *PoolWithFunc[A, R]) Cap() int { return p.made("Cap").Cap() }

// Running returns the number of workers that there are.
func (p *PoolWithFunc[A, R]) Running() int { return p.made("Running").Running() }

// Free returns how many more workers there may be, or -1 if there is no limit.
func (p *PoolWithFunc[A, R]) Free() int { return p.made("Free").Free() }

// Waiting returns the number of goroutines that wait for a worker: those of this
// package, which wait in place of all callers.
func (p *PoolWithFunc[A, R]) Waiting() int { return p.made("Waiting").Waiting() }

// IsClosed reports whether the pool was released.
func (p *PoolWithFunc[A, R]) IsClosed() bool { return p.made("IsClosed").IsClosed() }

// Tune changes the number of workers, unless there is no limit or they were allocated
// beforehand.
func (p *PoolWithFunc[A, R]) Tune(size int) { p.made("Tune").Tune(size) }

// Release closes the pool. It does not wait for the workers.
func (p *PoolWithFunc[A, R]) Release() { p.made("Release").Release() }

// ReleaseTimeout is Release that waits for the workers, and returns ants.ErrTimeout
// after d. It returns ants.ErrPoolClosed if the pool was released before.
func (p *PoolWithFunc[A, R]) ReleaseTimeout(d time.Duration) error {
	return p.made("ReleaseTimeout").ReleaseTimeout(d)
}

// ReleaseContext is Release that waits for the workers until ctx ends, and then returns
// ctx.Err. It returns ants.ErrPoolClosed if the pool was released before. It does not
// wait if ctx is nil.
func (p *PoolWithFunc[A, R]) ReleaseContext(ctx context.Context) error {
	return p.made("ReleaseContext").ReleaseContext(ctx)
}

// Reboot opens a pool that was released, once its workers have ended.
func (p *PoolWithFunc[A, R]) Reboot() { p.made("Reboot").Reboot() }
