package future

import (
	"reflect"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
)

// Share makes the result of f available to many consumers: each polls, awaits
// and cancels a clone of its own, on whatever goroutine or task it likes. Share
// returns the first of them. It takes f over.
//
// f is polled by one of the consumers that are polled, never by two at once and
// no more often than it was woken, and has one result, which all of them get.
// When f wakes, all consumers are woken, because any of them may be the one that
// is not polled again; the first to come polls f. When all clones have been
// canceled, f is.
//
// Share allocates twice, and while consumers are pending a list with 16 bytes for
// each. If f panics in Poll the panic ends there, and all consumers get it as a
// [*PanicError]. A Goexit in Poll takes the goroutine that polled with it, and
// the others get [ErrGoexit].
func Share[T any](f Future[T]) *Shared[T] {
	h := &hub[T]{src: orNil(f, "Share: the future"), clones: 1, woken: true, round: 1}
	h.waker.Init(h)
	return &Shared[T]{hub: h}
}

// A Shared is one consumer's clone of a future with many of them. It is made by
// [Share] and by Clone, and must not be copied.
type Shared[T any] struct {
	_     noCopy
	hub   *hub[T]
	round uint64 // clone is in hub.waiting, at place, if it is of this round
	place int
	life  life
}

// Clone returns another clone. Any goroutine may call it, also while s is being
// polled, and after s has given the result or was canceled. If all clones were
// canceled before there was a result, the new one is canceled too. Clone
// allocates once.
func (s *Shared[T]) Clone() *Shared[T] {
	if s == nil || s.hub == nil {
		panic("future: Clone of a Shared that Share has not made")
	}
	h := s.hub
	c := &Shared[T]{hub: h}
	h.mu.Lock()
	if h.clones == 0 && (h.done.Load() == 0 || h.released) {
		c.life = canceled
	} else {
		h.clones++
	}
	h.mu.Unlock()
	return c
}

// Poll is the Poll of a [Future]. It may take a lock that is held for a few steps
// only, and while another consumer of the future that is shared looks at that. A clone
// that another consumer waits for gives [ErrBusy], and so does each clone while
// another consumer waits for the future that is shared. That of a Shared that Share
// has not made fails with an error that is [ErrNil].
func (s *Shared[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if s == nil || s.hub == nil {
		return v, true, errNoShare
	}
	if s.life != live {
		return v, true, s.life.err()
	}
	h := s.hub
	// done synchronizes with the settling of value and err.
	if h.done.Load() == 0 {
		if ready, err = h.poll(s, w); !ready || err != nil {
			return v, ready, err
		}
	}
	s.life = consumed
	atomics.Read(unsafe.Pointer(&h.value))
	return h.value, true, h.err
}

// errNoShare is the result of a Shared that Share has not made.
var errNoShare error = nilError("future: a Shared that Share has not made")

// Cancel gives the clone up. The last one cancels the future that is shared,
// unless that is done. If its value is [Owned] and no clone has taken it, the last
// one gives it back.
func (s *Shared[T]) Cancel() {
	if s == nil || s.hub == nil || s.life != live {
		return
	}
	s.life = canceled
	s.hub.leave(s)
}

// owner is that of the value, once no clone has it.
func (s *Shared[T]) owner() func(T) {
	if s == nil || s.hub == nil || s.life != consumed {
		return nil
	}
	h := s.hub
	h.mu.Lock()
	owned := h.src != nil
	h.mu.Unlock()
	if !owned {
		return nil
	}
	return func(T) { h.leave(s) }
}

// String names the type of s, and reads nothing of it.
func (s *Shared[T]) String() string { return typeName("Shared", reflect.TypeFor[T]()) }

// A hub is what the clones of one future share.
//
//	             OnWake                  a Poll
//	asleep ──────────────▶ woken ───────────────────▶ polling
//	  ▲                      ▲                         │ │ │
//	  │                      └─ OnWake in the meantime ┘ │ │
//	  └─────────────────────────── not ready ────────────┘ │
//	                                             done ◀────┘
//
// Invariants:
//
//  1. mu guards everything but value and err, which belong to the one that made
//     the hub polling until done is set, and do not change after that.
//  2. Every clone that is pending is in waiting, with the waker of its latest
//     Poll that had one, or that waker was woken after that Poll began.
//  3. The hub is not woken and idle while a clone is in waiting: the one that makes
//     it so takes waiting, and wakes all in it after mu is released.
//
// So a consumer that goes away takes nothing with it: the others are woken by
// the wake it was woken by.
type hub[T any] struct {
	waker   Waker // f's
	mu      atomics.Mutex
	src     Future[T] // once it is done or canceled: nil, or the owner of the value
	clones  int       // that were not canceled, and have not dropped the value
	polling bool
	woken   bool // since the latest Poll of src began
	// released: the value has gone back to its owner, and there are no clones.
	released bool
	waiting  []waiter[T]
	round    uint64 // how often waiting was taken

	done  atomics.Uint32 // 1: value and err are there
	value T
	err   error
}

type waiter[T any] struct {
	waker *Waker
	clone *Shared[T]
}

// OnWake wakes all that wait, or leaves that to the one who polls.
func (h *hub[T]) OnWake() {
	var waiting []waiter[T]
	h.mu.Lock()
	h.woken = true
	if !h.polling {
		waiting = h.takeWaiting()
	}
	h.mu.Unlock()
	wakeAll(waiting)
}

// Consuming is part of [Consumer]. The hub waits for src while a clone is pending. mu
// keeps it so, and keeps the last clone from canceling src.
func (h *hub[T]) Consuming(newcomer *Waker, is func(f any)) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if newcomer == &h.waker { // by the one that polls src
		is(h.src)
		return true
	}
	if h.done.Load() == 0 && (h.polling || h.woken) {
		return false
	}
	if len(h.waiting) > 0 {
		is(h.src)
	}
	return true
}

// poll polls src for s, if there is a need and no other clone does. It reports whether
// the result is there. The error is ErrBusy, if another consumer waits for s or src, or
// nil.
func (h *hub[T]) poll(s *Shared[T], w *Waker) (ready bool, err error) {
	h.mu.Lock()
	if old := h.wakerOf(s); old != nil && w != nil && old != w {
		h.mu.Unlock()
		if waits, _ := old.WaitsFor(s, w); waits {
			return true, ErrBusy
		}
		defer old.replaced(s, w)
		h.mu.Lock()
	}
	if h.done.Load() == 1 { // set since s looked
		h.mu.Unlock()
		return true, nil
	}
	if w != nil { // else the waker that is there stays
		h.remove(s)
		s.round, s.place = h.round, len(h.waiting)
		h.waiting = append(h.waiting, waiter[T]{w, s})
	}
	if h.polling || !h.woken {
		h.mu.Unlock()
		return false, nil
	}
	h.polling, h.woken = true, false
	src := h.src
	h.mu.Unlock()
	return h.pollSource(s, src)
}

// pollSource is called by the one that made the hub polling.
func (h *hub[T]) pollSource(s *Shared[T], src Future[T]) (ready bool, err error) {
	polled, busy := false, false
	var r Result[T]
	defer func() {
		if !polled {
			r = Result[T]{Err: Recovered(recover())}
			ready = true
			defer Cancel(src) // rule 5
		}
		var owner Future[T]
		if ready && !busy {
			atomics.Write(unsafe.Pointer(&h.value))
			h.value, h.err = r.Value, r.Err
			if r.Err == nil {
				owner = ifOwner(src)
			}
		}
		var waiting []waiter[T]
		h.mu.Lock()
		h.polling = false
		switch {
		case busy:
			h.remove(s)
			h.woken = true // src would not wake the others: they ask it, too
		case ready:
			h.src = owner
			h.remove(s)
			h.done.Store(1) // publishes value and err
		}
		if ready || h.woken {
			waiting = h.takeWaiting()
		}
		h.mu.Unlock()
		wakeAll(waiting)
	}()
	r.Value, ready, r.Err = src.Poll(&h.waker)
	polled = true
	if busy = ready && r.Err == ErrBusy; busy {
		err = ErrBusy
	}
	return ready, err
}

// leave counts out a clone that was canceled, or dropped the value. The last one
// cancels src, or gives its value back.
func (h *hub[T]) leave(s *Shared[T]) {
	h.mu.Lock()
	h.remove(s)
	var src Future[T]
	if h.clones--; h.clones == 0 {
		src, h.src = h.src, nil // it is not polled: that takes a clone
	}
	done := h.done.Load() == 1 // value is there, and no other clone reads it
	h.released = h.released || done && src != nil
	h.mu.Unlock()
	if !done {
		Cancel(src)
	} else if release := ownerOf(src); release != nil {
		atomics.Read(unsafe.Pointer(&h.value))
		release(h.value)
	}
}

// wakerOf returns the waker of s in waiting, or nil. mu is held.
func (h *hub[T]) wakerOf(s *Shared[T]) *Waker {
	if s.round != h.round {
		return nil
	}
	return h.waiting[s.place].waker
}

// remove takes s out of waiting, if it is there. mu is held.
func (h *hub[T]) remove(s *Shared[T]) {
	if s.round != h.round {
		return
	}
	last := len(h.waiting) - 1
	h.waiting[s.place] = h.waiting[last]
	h.waiting[s.place].clone.place = s.place
	h.waiting[last] = waiter[T]{}
	h.waiting = h.waiting[:last]
	s.round = 0
}

// takeWaiting takes all that wait. mu is held.
func (h *hub[T]) takeWaiting() []waiter[T] {
	waiting := h.waiting
	h.waiting = nil
	h.round++
	return waiting
}

// wakeAll wakes all of them, whatever one of them does.
func wakeAll[T any](waiting []waiter[T]) {
	defer func() {
		if len(waiting) > 0 {
			wakeAll(waiting)
		}
	}()
	for len(waiting) > 0 {
		w := waiting[0].waker
		waiting = waiting[1:]
		w.Wake()
	}
}
