package future

import "github.com/go-await/await/internal/atomics"

// Chan returns a channel for select statements on which the result of f arrives.
// The channel then is closed.
//
// f belongs to the channel: Chan polls it once, on the caller's goroutine, and
// after that a wake of f starts a goroutine that polls it again, once more for
// wakes that come meanwhile, and ends. So no goroutine waits, and none is there
// while f is pending. A panic in Poll arrives as a [*PanicError], a Goexit as
// [ErrGoexit], after f was canceled; a Goexit in the first Poll ends the caller's
// goroutine too. Chan does not block. It allocates its state and the channel.
//
// The channel need not be received from, but f is not canceled when it is not:
// use [WithContext] or [Timeout] around f.
func Chan[T any](f Future[T]) <-chan Result[T] {
	c := &channel[T]{src: orNil(f, "Chan: the future"), results: make(chan Result[T], 1)}
	c.waker.Init(c)
	c.state.Store(polling) // no other goroutine has seen c
	if !c.poll() {
		go c.run()
	}
	return c.results
}

// A channel polls its source by itself, on a goroutine for each wake.
//
//	           OnWake: starts run            run
//	resting ───────────────────────▶ due ───────────▶ polling
//	   ▲                              ▲                │   │
//	   │                              └──── OnWake ────┘   │
//	   └──────────────── not ready ────────────────────────┘
//
// Invariants: src is polled by the one that made the state polling, and by no other
// else until it is resting; the one that makes it due from resting, and only
// that one, starts a goroutine. It stays polling or due once src is done.
type channel[T any] struct {
	waker   Waker
	src     Future[T]
	results chan Result[T]
	state   atomics.Uint32
}

const (
	resting uint32 = iota // no goroutine polls                   → due
	polling               // a goroutine polls                    → resting, due
	due                   // a goroutine polls, or will: not enough → polling
)

func (c *channel[T]) OnWake() {
	// → due: what the caller did synchronizes before the poll that follows.
	if c.state.Swap(due) == resting {
		go c.run()
	}
}

// Consuming is part of [Consumer]. A channel that rests is made polling for the look,
// so that no goroutine polls its source meanwhile.
func (c *channel[T]) Consuming(newcomer *Waker, is func(f any)) bool {
	if newcomer == &c.waker { // by the one that polls src
		is(c.src)
		return true
	}
	// resting → polling: src is ours.
	if !c.state.CompareAndSwap(resting, polling) {
		return false
	}
	defer func() {
		// polling → resting fails when a wake came during the look.
		if !c.state.CompareAndSwap(polling, resting) {
			go c.run()
		}
	}()
	is(c.src)
	return true
}

// run polls until there is no need to.
func (c *channel[T]) run() {
	for {
		// due → polling: synchronizes with every wake so far.
		c.state.Swap(polling)
		if c.poll() {
			return
		}
	}
}

// poll polls once and reports whether that was enough.
func (c *channel[T]) poll() (enough bool) {
	polled, ready := false, false
	var r Result[T]
	defer func() {
		if ready {
			c.src = nil
			c.results <- r
			close(c.results)
		}
	}()
	defer func() {
		if !polled {
			r = Result[T]{Err: Recovered(recover())}
			enough, ready = true, true
			Cancel(c.src) // rule 5; the result is delivered whatever it does
		}
	}()
	r.Value, ready, r.Err = c.src.Poll(&c.waker)
	polled = true
	// polling → resting fails when a wake came during the poll.
	return ready || c.state.CompareAndSwap(polling, resting)
}
