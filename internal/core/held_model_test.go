//go:build interleave

package core

import (
	"testing"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
)

// A queued call is taken while its receiver is used and closed: either the call
// comes out of the queue or its holder is told, once; a value that is sent is
// received or dropped, once.
func TestModelHeld(t *testing.T) {
	type receiver struct {
		drops bool // OnDrop was called before
		stays bool // it does not close
		do    func(c *Channel[letter]) (letter, error)
	}
	cancel := func(c *Channel[letter]) (letter, error) {
		var v letter
		if ready, err := c.Poll(future.NewWaker(func() {}), c, &v); ready {
			return v, err
		}
		c.Cancel()
		_, err := c.Poll(nil, c, &v)
		return v, err
	}
	var after error // Close, what a receive gives
	closes := func(c *Channel[letter]) (v letter, err error) {
		c.Close()
		after = c.TryRecv(&v)
		return v, after
	}
	tries := func(c *Channel[letter]) (letter, error) {
		var v letter
		err := c.TryRecv(&v)
		c.Close()
		return v, err
	}
	stays := func(c *Channel[letter]) (v letter, err error) { err = c.TryRecv(&v); return v, err }
	receivers := map[string]receiver{
		"TryRecv":               {false, true, stays},
		"OnDrop, TryRecv":       {true, true, stays},
		"Close":                 {false, false, closes},
		"Poll Cancel":           {false, false, cancel},
		"TryRecv Close":         {false, false, tries},
		"OnDrop, Close":         {true, false, closes},
		"OnDrop, Cancel":        {true, false, cancel},
		"OnDrop, TryRecv Close": {true, false, tries},
	}
	for name, r := range receivers {
		for _, closers := range []int{0, 1} { // Close may be called by others, too
			t.Run(name+[]string{"", " + Close"}[closers], func(t *testing.T) {
				interleave.Check(t, func(m *interleave.Model) {
					for s, name := range map[*record]string{&spent: "spent", &held: "held", &gone: "gone", &late: "late"} {
						m.Name(s, name)
					}
					c := new(Channel[letter])
					told, dropped := 0, 0
					OnHeldGone = func(channel unsafe.Pointer) {
						if channel != unsafe.Pointer(c) {
							m.Fatalf("told of another channel")
						}
						told++
					}
					after = ErrClosed
					c.Hold()
					released, refusal := false, error(nil)
					m.Go("queue", func() {
						if released = c.Release(); released {
							refusal = c.Deliver(&letter{1, -1}, nil)
						}
					})
					var got letter
					var err error
					m.Go("receiver", func() {
						if r.drops {
							c.OnDrop(func(letter) { dropped++ })
						}
						got, err = r.do(c)
					})
					for range closers {
						m.Go("closer", c.Close)
					}
					m.Wait()
					received := 0
					if err == nil {
						received = 1
						if got != (letter{1, -1}) {
							m.Fatalf("received %v", got)
						}
					}
					switch {
					case released && told != 0:
						m.Fatalf("the call came out of the queue, and the holder was told")
					case after != ErrClosed:
						m.Fatalf("received after Close: %v", after)
					case !released && r.stays && closers == 0:
						m.Fatalf("not released, and not closed")
					case !released && told != 1:
						m.Fatalf("the holder was told %d times", told)
					case !released && (received != 0 || dropped != 0):
						m.Fatalf("a value out of nothing")
					case received+dropped > 1:
						m.Fatalf("received %d times, dropped %d times", received, dropped)
					case released && r.drops && !r.stays && closers == 0 && received+dropped != 1:
						m.Fatalf("lost: received %d times, dropped %d times, refused: %v", received, dropped, refusal)
					}
				}, interleave.Preemptions(4-2*closers))
			})
		}
	}
}
