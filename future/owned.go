package future

import (
	"maps"
	"reflect"
	"slices"
	"sync/atomic"
)

// Owned returns a future with the result of f that passes a value which no
// consumer takes to release, exactly once. It is for values that have to be closed
// or given back: connections, files, leases.
//
// A value is taken when a Poll has returned it and no combinator of this package
// has dropped it after that. It is released when
//   - the future is canceled and f has the value by then, or comes to it later, if
//     f is a [Dropper]: Go, GoContext, FromChan, a receiver, a handle;
//   - a combinator between f and Owned drops it: the loser of a Race in f that was
//     ready, too;
//   - a combinator around Owned drops it: the losers of Race, Any and Select2, the
//     values that a failed or canceled All, Settle or Join2 has gathered, the
//     results that a loop over Buffered has not got to, the value of a Share whose
//     clones have all been canceled;
//   - a function of Finally panics, after f was ready and before Poll returned.
//
// A value that comes with an error is not released; nor is what the function of
// Map, Then or Catch was called with: that has taken it. For the value of a Share
// own what is shared and not the clones.
//
// release is called by whatever drops the value: the goroutine that polls or
// cancels, or the one that comes to the value after Cancel. It must be safe for
// that and should not block. If it panics, the panic goes on to that caller, once
// the other values that are dropped at the same time have been released; on a
// goroutine of Go it ends the program.
//
// The waker goes straight to f. After Cancel one further Poll gives an error that f
// had. Owned allocates once and panics if release is nil.
func Owned[T any](f Future[T], release func(T)) Future[T] {
	if release == nil {
		panic("future: Owned with a nil function")
	}
	if !anyOwned.Load() {
		anyOwned.Store(true)
	}
	o := &owned[T]{src: orNil(f, "Owned: the future"), release: release}
	onDrop(o.src, release)
	return o
}

// dropTo returns src for a combinator that was asked to drop to a function: the
// values of src that it does not take go there.
func dropTo[T any](src Future[T], drop func(T)) Future[T] {
	o := &owned[T]{src: src, drop: drop}
	onDrop(src, drop)
	return o
}

// An owned is an Owned, which has a release, or what dropTo made, which has none.
type owned[T any] struct {
	src     Future[T] // once over: nil, or the owner of the value
	release func(T)
	drop    func(T) // of OnDrop or dropTo; may be nil
	life    life
	polling bool // a Poll of src runs, or has panicked
}

func (o *owned[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if o.life != live {
		return o.late()
	}
	o.polling = true
	v, ready, err = o.src.Poll(w)
	o.polling = false
	if !ready || err == ErrBusy {
		return v, ready, err
	}
	o.life = consumed
	if err != nil {
		o.letGo()
	} else {
		o.src = ifOwner(o.src)
	}
	return v, true, err
}

// late is a Poll after the end.
func (o *owned[T]) late() (v T, ready bool, err error) {
	if o.life == canceled && o.src != nil { // it has the error that was kept
		v, ready, err = o.src.Poll(nil)
		o.src, o.life = nil, consumed
		return v, ready, err
	}
	return v, true, o.life.err()
}

// Cancel cancels the source and releases its value, if it has come to one.
func (o *owned[T]) Cancel() {
	if o.life != live {
		return
	}
	o.life = canceled
	src := o.src
	if o.polling { // it has panicked, and has no value: rule 5
		o.letGo()
		Cancel(src)
		return
	}
	defer o.reclaim(src) // also if Cancel panics
	o.src = nil
	Cancel(src)
}

// reclaim releases the value that src had when it was canceled.
func (o *owned[T]) reclaim(src Future[T]) {
	l := canceled
	v, kept, err := salvage(&l, src)
	release, drop := o.release, o.drop
	o.letGo()
	switch {
	case !kept:
	case err != nil:
		o.src = &partial[T]{v, err}
	default:
		if drop != nil {
			defer drop(v)
		}
		if release != nil {
			release(v)
		}
	}
}

func (o *owned[T]) letGo() { o.src, o.release, o.drop = nil, nil, nil }

// OnDrop is that of a [Dropper]: the value of a canceled source goes to drop, too.
func (o *owned[T]) OnDrop(drop func(T)) {
	if o.life == live {
		o.drop = both(o.drop, drop)
		onDrop(o.src, drop)
	}
}

func (o *owned[T]) owner() func(T) { return both(o.release, ownerOf(o.src)) }

func (o *owned[T]) String() string { return typeName("Owned", reflect.TypeFor[T]()) }

// A partial is ready with both a value and an error.
type partial[T any] struct {
	value T
	err   error
}

func (p *partial[T]) Poll(*Waker) (v T, ready bool, err error) { return p.value, true, p.err }

// both returns a function that calls f and then g, also if f panics. Either may
// be nil, and the result is if both are.
func both[T any](f, g func(T)) func(T) {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(v T) {
		defer g(v)
		f(v)
	}
}

// onDrop asks f to pass values that no Poll returns to drop, if it can.
func onDrop[T any](f Future[T], drop func(T)) {
	if d, ok := f.(Dropper[T]); ok {
		d.OnDrop(drop)
	}
}

// A possessive future is one whose value has an owner: an Owned, or what passes on
// the values of others.
type possessive[T any] interface {
	// owner is called after a Poll that returned a value. It returns where that
	// value goes if it is dropped all the same, or nil if it has no owner.
	owner() func(T)
}

// anyOwned says that there has been an Owned. Before that no combinator asks for
// owners, which costs some nanoseconds for each value: the call of Owned comes before
// the value that it owns, and whatever synchronizes that synchronizes this.
var anyOwned atomic.Bool

// ownerOf returns where the value that f has given goes if it is dropped, or nil.
func ownerOf[T any](f Future[T]) func(T) {
	if !anyOwned.Load() {
		return nil
	}
	return askOwner(f)
}

func askOwner[T any](f Future[T]) func(T) {
	if p, ok := f.(possessive[T]); ok {
		return p.owner()
	}
	return nil
}

// ifOwner is what a combinator keeps of a source whose value it has passed on: the
// source, which is over, if the value has an owner, and otherwise nil.
func ifOwner[T any](src Future[T]) Future[T] {
	if !anyOwned.Load() || askOwner(src) == nil {
		return nil
	}
	return src
}

// giveBack is for a combinator that does not pass on a value of src, because
// something has panicked: it goes to its owner, and to who asked the combinator to
// drop.
func giveBack[T any](src Future[T], v T) {
	if o, ok := src.(*owned[T]); ok && o.release == nil {
		defer o.drop(v)
	}
	if release := ownerOf(src); release != nil {
		release(v)
	}
}

// owners are where the values go that a combinator has gathered, by the index of
// the child that gave them. It is nil, and costs nothing, if no value has an owner.
type owners[T any] map[int]func(T)

// add notes the owner of the value that src, the child of that index, has given.
func (o *owners[T]) add(index int, src Future[T]) {
	if release := ownerOf(src); release != nil {
		if *o == nil {
			*o = make(owners[T])
		}
		(*o)[index] = release
	}
}

// release gives all values back, in the order of the indices and whatever one of
// the owners does.
func (o owners[T]) release(value func(index int) T) {
	defer func() {
		if len(o) > 0 {
			o.release(value)
		}
	}()
	for _, i := range slices.Sorted(maps.Keys(o)) {
		release := o[i]
		delete(o, i)
		release(value(i))
	}
}
