package errgroup

import (
	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/core"
	"github.com/go-await/await/internal/result"
	"github.com/go-await/await/oneshot"
)

// Go calls fn in a new goroutine of g, as [Group.Go] does, and returns the
// receiver of its result. At the limit of g it waits for a place first.
//
// An error of fn is the result, and a failure of the group. So are a panic, as a
// [*future.PanicError], and runtime.Goexit, as [future.ErrGoexit]. When Wait has
// returned, every receiver has its result. A receiver gets the result of its own
// function and nothing else: it does not end because the group failed, but
// because fn, told by the group's context, does. Closing it does not stop fn.
//
// What somebody else can hold, wait for and close is an object of its own: Go
// makes one allocation more than [Group.Go] with an fn that writes into a slice,
// 24 bytes for an int, and takes an eighth to a quarter more time for trivial fns,
// and a third for many at a limit. By hand, with a channel for each result, it
// would be a quarter to a half.
//
// Go panics if g or fn is nil.
func Go[T any](g *Group, fn func() (T, error)) *oneshot.Receiver[T] {
	check("Go", g, fn == nil)
	lent := g.enter()
	c := new(core.Channel[T])
	go call(g, c, fn)
	lent.regain()
	return result.Receiver(c)
}

// TryGo is Go if there is a place, and otherwise returns nil and false. It does
// not block.
func TryGo[T any](g *Group, fn func() (T, error)) (*oneshot.Receiver[T], bool) {
	check("TryGo", g, fn == nil)
	if !g.tryEnter() {
		return nil, false
	}
	c := new(core.Channel[T])
	go call(g, c, fn)
	return result.Receiver(c), true
}

// Do is [Go] for a function without a value.
func Do(g *Group, fn func() error) *oneshot.Receiver[struct{}] {
	check("Do", g, fn == nil)
	return Go(g, func() (struct{}, error) { return struct{}{}, fn() })
}

// check panics if g is nil, or the function that was given with it to caller.
func check(caller string, g *Group, noFn bool) {
	switch {
	case g == nil:
		panic("errgroup: " + caller + ": g is nil")
	case noFn:
		panic("errgroup: " + caller + ": fn is nil")
	}
}

// call sends the result of fn. What sees the group's end finds it sent, and what
// receives an error finds that the group has failed.
func call[T any](g *Group, c *core.Channel[T], fn func() (T, error)) {
	defer g.leave() // also if a waker of the receiver panics
	returned := false
	defer func() {
		if !returned {
			err := future.Recovered(recover())
			g.fail(err)
			var none T
			_ = c.Deliver(&none, err)
		}
	}()
	v, err := fn()
	returned = true
	if err != nil {
		g.fail(err)
	}
	_ = c.Deliver(&v, err)
}
