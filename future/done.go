package future

import (
	"context"

	"github.com/go-await/await/internal/atomics"
)

// Done returns a future that is ready when ctx has ended. That is what was
// waited for, so the result is no error; context.Cause(ctx) says why. One
// callback is registered with ctx by the first Poll that finds it alive, and
// removed by Cancel. It runs no goroutine, apart from the one that
// [context.AfterFunc] needs for a context that is not the standard library's.
func Done(ctx context.Context) Future[struct{}] { return &done{ctx: ctx} }

type done struct {
	ctx   context.Context // nil once life is over
	watch watch
	life  life
}

func (d *done) Poll(w *Waker) (v struct{}, ready bool, err error) {
	if d.life != live {
		return v, true, d.life.err()
	}
	if !d.watch.poll(d.ctx, w) {
		return v, false, nil
	}
	d.end(consumed)
	return v, true, nil
}

// Cancel removes the callback from the context.
func (d *done) Cancel() {
	if d.life == live {
		d.end(canceled)
	}
}

func (d *done) end(l life) {
	d.ctx, d.life = nil, l
	d.watch.stop()
}

// A watch rings a bell when a context ends. It registers one callback, at its
// first poll. The callback may run while the watch is stopped, and then wakes
// nobody.
type watch struct {
	bell       bell
	unregister func() bool // nil before the registration and after stop
}

// poll reports whether ctx has ended, and otherwise leaves w to be woken when it
// does.
func (o *watch) poll(ctx context.Context, w *Waker) bool {
	if ctx.Err() != nil {
		return true
	}
	if ctx.Done() == nil {
		return false
	}
	if o.unregister == nil {
		o.unregister = atomics.ContextAfterFunc(ctx, o.bell.ring)
	}
	return o.bell.listen(w)
}

// stop removes the callback, if there is one. The watch is not polled any more.
func (o *watch) stop() {
	if o.unregister != nil {
		o.unregister()
		o.unregister = nil
		o.bell.mute()
	}
}
