package future

import (
	"context"
	"reflect"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
)

// Go calls fn on a new goroutine, at once, and returns a future of its result.
//
// If fn panics the result is a [*PanicError], and if it calls runtime.Goexit it
// is [ErrGoexit]; either way the panic or the exit ends here. The goroutine
// lives as long as fn: to cancel the future is to lose interest in the result,
// and prevents the call only if it had not begun. Use [GoContext] for a function
// that is to be stopped. Go allocates twice besides the goroutine, and panics if fn
// is nil.
func Go[T any](fn func() (T, error)) Future[T] {
	if fn == nil {
		panic("future: Go of a nil function")
	}
	g := new(goroutine[T])
	go g.run(fn)
	return g
}

// GoContext is like [Go] for a function that can be stopped: the context that fn
// is given descends from ctx, and ends with the cause [ErrCanceled] as soon as
// the future is canceled. It ends, too, when fn has returned. GoContext allocates
// what Go does and the context, and panics if ctx or fn is nil.
func GoContext[T any](ctx context.Context, fn func(ctx context.Context) (T, error)) Future[T] {
	if fn == nil {
		panic("future: GoContext of a nil function")
	}
	if ctx == nil {
		panic("future: GoContext with a nil context")
	}
	ctx, stop := context.WithCancelCause(ctx)
	g := &stoppable[T]{stop: stop}
	go g.run(func() (T, error) {
		defer stop(nil)
		return fn(ctx)
	})
	return g
}

// Do is [Go] for a function without a value. It panics if fn is nil.
func Do(fn func() error) Future[struct{}] {
	if fn == nil {
		panic("future: Do of a nil function")
	}
	return Go(func() (struct{}, error) { return struct{}{}, fn() })
}

// A goroutine is the result of a function that runs on one.
//
// The goroutine owns value and err until it rings the bell; the consumer owns
// them from when it hears it. If the consumer has muted the bell, value and drop are
// the goroutine's to the end.
type goroutine[T any] struct {
	done  bell
	value T
	err   error
	drop  func(T) // the consumer's until it mutes the bell; nil: let the value go
	life  life    // the consumer's
}

func (g *goroutine[T]) run(fn func() (T, error)) {
	returned := false
	defer func() {
		if !returned {
			g.err = Recovered(recover())
		}
		atomics.Write(unsafe.Pointer(&g.value))
		failed := g.err != nil
		if !g.done.settle(failed) && !failed {
			g.dropValue()
		}
	}()
	if g.done.isMuted() {
		g.err = ErrCanceled
	} else {
		g.value, g.err = fn()
	}
	returned = true
}

// dropValue drops a value that came after Cancel.
func (g *goroutine[T]) dropValue() {
	atomics.Read(unsafe.Pointer(&g.drop))
	if g.drop != nil {
		g.drop(g.value)
	}
	var zero T
	g.value, g.drop = zero, nil
}

func (g *goroutine[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if g.life != live {
		return v, true, g.life.err()
	}
	if rang, err := g.done.poll(g, w); !rang || err != nil {
		return v, rang, err
	}
	atomics.Read(unsafe.Pointer(&g.value))
	v, err = g.value, g.err
	var zero T
	g.value, g.err, g.drop, g.life = zero, nil, nil, consumed
	return v, true, err
}

// OnDrop is that of a [Dropper].
func (g *goroutine[T]) OnDrop(drop func(T)) {
	if g.life == live {
		atomics.Write(unsafe.Pointer(&g.drop))
		g.drop = both(g.drop, drop)
	}
}

func (g *goroutine[T]) String() string { return typeName("Go", reflect.TypeFor[T]()) }

// Holds is part of [Settler].
func (g *goroutine[T]) Holds(w *Waker) bool { return g.done.holds(w) }

// Settles says that the one wake of a goroutine is by Settle.
func (g *goroutine[T]) Settles() any { return g }

// Cancel keeps the function from being called, if it is not too late. A result
// that is there stays.
func (g *goroutine[T]) Cancel() {
	if g.life == live && !g.done.mute() {
		g.life = canceled
	}
}

// A stoppable is a goroutine whose function has a context.
type stoppable[T any] struct {
	goroutine[T]
	stop context.CancelCauseFunc
}

// Settles says that a stoppable is a settler, too.
func (s *stoppable[T]) Settles() any { return s }

// Cancel ends the function's context as well.
func (s *stoppable[T]) Cancel() {
	s.goroutine.Cancel()
	s.stop(ErrCanceled)
}
