package ants

import (
	"fmt"

	"github.com/go-await/await/future"
)

// A CallOption is an option of [Submit], [SubmitContext] and [Do].
type CallOption func(*callOptions)

type callOptions struct{ onEnd func(error) }

// OnEnd has fn called exactly once: when the call has ended, or when it is certain that it
// will never begin. So fn can give back what was taken for the call, such as a place of a
// limit, also if the function is never called. Several OnEnds add up, in their order.
//
// The argument is the error of the function, nil if it returned none; a
// [*future.PanicError] or [future.ErrGoexit]; the error with which the pool refused;
// context.Cause(ctx) if the context of a SubmitContext ended before the function began; or
// [oneshot.ErrClosed] if the receiver was closed before. The result is sent after fn has
// returned. fn may be called before the receiver's IsClosed is true.
//
// fn is called by the worker, by the goroutine that submits, by a feeder of the queue, or by
// the goroutine that closes the receiver. It must not block or call runtime.Goexit. A panic
// in it is logged to slog.Default. It is not called if a foreign [Pool] drops what its Submit has accepted.
// OnEnd allocates once. It panics if fn is nil.
func OnEnd(fn func(error)) CallOption {
	if fn == nil {
		panic("ants: OnEnd: fn is nil")
	}
	return func(o *callOptions) {
		before := o.onEnd
		if before == nil {
			o.onEnd = fn
			return
		}
		o.onEnd = func(err error) {
			defer tellEnd(fn, err) // also if the first panics
			before(err)
		}
	}
}

// apply makes c have the options. caller is the function that they were given to.
func (h *head) apply(caller string, opts []CallOption) {
	if len(opts) == 0 {
		return
	}
	var o callOptions
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("ants: %s: option %d of %d is nil", caller, i+1, len(opts)))
		}
		opt(&o)
	}
	h.onEnd = o.onEnd
}

// ended tells that the call has ended or will never begin. The goroutine that has taken the
// function calls it, and no other.
func (h *head) ended(err error) {
	if h.onEnd != nil {
		tellEnd(h.onEnd, err)
	}
}

// tellEnd calls fn. What it does wrong concerns neither the worker nor who closes.
func tellEnd(fn func(error), err error) {
	returned := false
	defer func() {
		if !returned {
			report("a function of OnEnd panicked", future.Recovered(recover()))
		}
	}()
	fn(err)
	returned = true
}
