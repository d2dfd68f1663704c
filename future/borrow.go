package future

import "reflect"

// Borrow returns a future with the result of f that leaves f as it is when it is
// canceled: f goes on, and can be waited for again. It is for the loops that wait
// for one of several futures in each round, and keep those that were not ready for
// the next round:
//
//	for {
//		e, err := future.Await(ctx, future.Select2(future.Borrow(rx), future.After(d)))
//
// f belongs to the caller still, who cancels it in the end. One Borrow of f is
// polled at a time. A waker that it left with f is woken once more at most. What f
// comes to after the Borrow was canceled is for the next one. The waker goes
// straight to f. Borrow allocates once.
func Borrow[T any](f Future[T]) Future[T] {
	return &borrowed[T]{src: orNil(f, "Borrow: the future")}
}

type borrowed[T any] struct {
	src  Future[T] // nil once it was canceled; once over: nil, or the owner of the value
	life life
}

func (b *borrowed[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if b.life != live {
		return v, true, b.life.err()
	}
	v, ready, err = b.src.Poll(w)
	if ready && err != ErrBusy {
		src := b.src
		b.src, b.life = nil, consumed
		if err == nil {
			b.src = ifOwner(src)
		}
	}
	return v, ready, err
}

// Cancel leaves the source as it is.
func (b *borrowed[T]) Cancel() {
	if b.life == live {
		b.src, b.life = nil, canceled
	}
}

func (b *borrowed[T]) owner() func(T) { return ownerOf(b.src) }

func (b *borrowed[T]) String() string { return typeName("Borrow", reflect.TypeFor[T]()) }
