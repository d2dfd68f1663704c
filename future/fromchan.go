package future

import (
	"reflect"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
)

// FromChan returns a future of the next value of c, or of [ErrChanClosed] if c
// is closed.
//
// It can lose a value: once it waits for c, a value that it takes out of c while it
// is being canceled, as by a Timeout or as the loser of a Race, is given to no one,
// not even to the next receiver of c. Where a value must not be lost use a oneshot,
// whose receiver gives it after all, or put the future into [Owned], which releases
// the value. FromChan is for channels whose values may go: signals, ticks, ends.
//
// A channel can only be waited for by a goroutine, so this one needs one: it is
// started by the first Poll with a waker that finds nothing in c, and lives
// until it has received or the future is canceled. A future that is neither
// polled to its end nor canceled leaks it. One goroutine for many channels, by
// reflect.Select, is no alternative: with ten channels a value costs 3 times as
// much, with a hundred 16 times, with a thousand 100 times (BenchmarkFromChan).
//
// FromChan allocates once, and a channel with the goroutine. It panics if c is nil,
// since nothing would ever come.
func FromChan[T any](c <-chan T) Future[T] {
	if c == nil {
		panic("future: FromChan of a nil channel")
	}
	return &fromChan[T]{c: c}
}

// The goroutine owns value and err until it rings the bell; the consumer owns
// them from when it hears it. If the consumer has muted the bell, value and drop are
// the goroutine's to the end.
type fromChan[T any] struct {
	c     <-chan T
	stop  chan struct{} // closed by Cancel; nil before there is a goroutine
	done  bell
	value T
	err   error
	drop  func(T) // the consumer's until it mutes the bell; nil: let the value go
	life  life
}

func (f *fromChan[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if f.life != live {
		return v, true, f.life.err()
	}
	if f.stop == nil {
		select {
		case v, ok := <-f.c:
			f.c, f.drop, f.life = nil, nil, consumed
			return v, true, closedErr(ok)
		default:
		}
		if w == nil {
			return v, false, nil
		}
		f.stop = make(chan struct{})
		go f.receive(f.c, f.stop)
	}
	if rang, err := f.done.poll(f, w); !rang || err != nil {
		return v, rang, err
	}
	atomics.Read(unsafe.Pointer(&f.value))
	v, err = f.value, f.err
	var zero T
	f.value, f.err, f.c, f.drop, f.life = zero, nil, nil, nil, consumed
	return v, true, err
}

func (f *fromChan[T]) receive(c <-chan T, stop <-chan struct{}) {
	select {
	case v, ok := <-c:
		atomics.Write(unsafe.Pointer(&f.value))
		f.value, f.err = v, closedErr(ok)
		if !f.done.ring() && ok {
			f.dropValue()
		}
	case <-stop:
	}
}

// dropValue drops a value that was taken out of the channel during Cancel.
func (f *fromChan[T]) dropValue() {
	atomics.Read(unsafe.Pointer(&f.drop))
	if f.drop != nil {
		f.drop(f.value)
	}
	var zero T
	f.value, f.drop = zero, nil
}

func closedErr(ok bool) error {
	if ok {
		return nil
	}
	return ErrChanClosed
}

// Cancel ends the goroutine, without waiting for that. A value that the
// goroutine has handed over stays.
func (f *fromChan[T]) Cancel() {
	if f.life != live || f.done.mute() {
		return
	}
	f.c, f.life = nil, canceled
	if f.stop != nil {
		close(f.stop)
	}
}

// OnDrop is that of a [Dropper].
func (f *fromChan[T]) OnDrop(drop func(T)) {
	if f.life == live {
		atomics.Write(unsafe.Pointer(&f.drop))
		f.drop = both(f.drop, drop)
	}
}

func (f *fromChan[T]) String() string { return typeName("FromChan", reflect.TypeFor[T]()) }
