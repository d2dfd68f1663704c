package ants

import (
	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/oneshot"
)

// A PoolWithFunc is a pool for one function, whose every call has a result. It
// has the methods of ants.PoolWithFuncGeneric: Tune, Release, Running and so on,
// with Invoke replaced.
type PoolWithFunc[A, R any] struct {
	*generic
	fn    func(A) (R, error)
	queue *queue // nil if the pool never blocks
}

type generic = ants.PoolWithFuncGeneric[job]

// NewPoolWithFunc returns a pool of size workers that call fn. The options are
// upstream's, and so are the errors. The pool must be released.
func NewPoolWithFunc[A, R any](size int, fn func(A) (R, error), opts ...ants.Option) (*PoolWithFunc[A, R], error) {
	if fn == nil {
		return nil, ants.ErrLackPoolFunc
	}
	p := &PoolWithFunc[A, R]{fn: fn}
	pool, err := ants.NewPoolWithFuncGeneric(size, p.work, opts...)
	if err != nil {
		return nil, err
	}
	p.generic = pool
	var o ants.Options
	for _, opt := range opts {
		opt(&o)
	}
	if p.queue = newQueueOf(pool, o.Nonblocking, o.MaxBlockingTasks); p.queue != nil {
		p.queue.pool.hand = pool.Invoke
	}
	return p, nil
}

// Invoke has a worker call the function with a, and returns the receiver of the
// result. It is [Submit] in all else.
func (p *PoolWithFunc[A, R]) Invoke(a A) *oneshot.Receiver[R] {
	tx, rx := oneshot.New[R]()
	j := &invocation[A, R]{tx: tx, fn: p.fn, arg: a}
	if p.queue != nil {
		p.queue.submit(j)
	} else if err := p.generic.Invoke(j); err != nil {
		j.refuse(err)
	}
	return rx
}

// work is what a worker does with what it is handed.
func (p *PoolWithFunc[A, R]) work(j job) {
	switch {
	case p.queue == nil:
		j.run()
	case j == nil:
		p.queue.arrive()
	default:
		p.queue.work(j)
	}
}

// An invocation is the job of a function with an argument.
type invocation[A, R any] struct {
	link
	tx  *oneshot.Sender[R]
	fn  func(A) (R, error)
	arg A
}

func (i *invocation[A, R]) unwanted() bool { return i.tx.IsClosed() }

func (i *invocation[A, R]) refuse(err error) { _ = i.tx.Fail(err) }

func (i *invocation[A, R]) run() {
	if !i.tx.IsClosed() {
		answer(i.tx, func() (R, error) { return i.fn(i.arg) })
	}
}
