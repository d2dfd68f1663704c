package future

import (
	"context"

	"github.com/go-await/await/internal/atomics"
)

// Done returns a future that is ready when ctx has ended. That is what was
// waited for, so the result is no error; context.Cause(ctx) says why. One
// callback is registered with ctx by the first Poll that finds it alive, and
// removed by Cancel: before that Poll it is one allocation, and then three more.
// It runs no goroutine, apart from the one that [context.AfterFunc] needs for a
// context that is not the standard library's. Done panics if ctx is nil.
func Done(ctx context.Context) Future[struct{}] {
	if ctx == nil {
		panic("future: Done of a nil context")
	}
	d := &done{watch: watch{ctx: ctx}}
	d.limit = &d.watch
	return d
}

type done struct {
	reached
	watch watch
}

func (d *done) String() string { return "future.Done" }

// A watch is the limit of a context that ends: it rings a bell then. It registers
// one callback, at its first poll. The callback may run while the watch is
// stopped, and then wakes no consumer.
type watch struct {
	ctx        context.Context // nil after stop
	bell       bell
	unregister func() bool // nil before the registration and after stop
}

func (o *watch) poll(self any, w *Waker) (reached bool, err error) {
	if o.ctx.Err() != nil {
		return true, nil
	}
	if o.ctx.Done() == nil {
		return false, nil
	}
	if o.unregister == nil {
		o.unregister = atomics.ContextAfterFunc(o.ctx, func() { o.bell.ring() })
	}
	return o.bell.poll(self, w)
}

func (o *watch) cause() error { return context.Cause(o.ctx) }

func (o *watch) pass(err error) error { return err }

// stop removes the callback, if there is one.
func (o *watch) stop() {
	o.ctx = nil
	if o.unregister != nil {
		o.unregister()
		o.unregister = nil
		o.bell.mute()
	}
}
