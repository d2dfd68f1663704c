//go:build interleave

package core

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
)

// A function of OnClose is called once if the receiver closes before the Sender is
// used, unless it was stopped, and never after a Send, whatever the order.
func TestModelOnClose(t *testing.T) {
	type op struct {
		name string
		do   func(c end) error
	}
	uses := []op{
		{"none", func(c end) error { return ErrClosed }},
		{"Send", func(c end) error { return c.Send(letter{1, -1}) }},
		{"Sender.Close", func(c end) error { c.Disconnect(); return nil }},
		{"IsOver", func(c end) error { c.IsOver(); return ErrClosed }},
	}
	closes := []op{
		{"none", func(c end) error { return nil }},
		{"Close", func(c end) error { c.Close(); return ErrClosed }},
		{"Cancel", func(c end) error { c.Cancel(); return ErrClosed }},
		{"TryRecv", func(c end) error { c.TryRecv(); return nil }},
	}
	for _, use := range uses {
		for _, shut := range closes {
			for _, stops := range []bool{false, true} {
				name := use.name + "/" + shut.name
				if stops {
					name += "/stop"
				}
				t.Run(name, func(t *testing.T) {
					interleave.Check(t, func(m *interleave.Model) {
						c := end{new(Channel[letter])}
						calls, stopped := 0, false
						var used, shutBy error
						m.Go("watcher", func() {
							f := c.OnClose(func() { calls++ })
							if stops {
								stopped = f.Stop()
							}
						})
						m.Go("sender", func() { used = use.do(c) })
						m.Go("receiver", func() { shutBy = shut.do(c) })
						m.Wait()
						closed := shutBy == ErrClosed && c.IsGone()
						switch {
						case calls > 1, calls == 1 && !closed, calls == 1 && stopped:
							m.Fatalf("called %d times; closed %v, stopped %v", calls, closed, stopped)
						case calls == 0 && closed && !stopped && used == ErrClosed && use.name != "Send":
							m.Fatalf("not called, and the Sender was not used; stopped %v", stopped)
						}
						c.Close()
						c.Disconnect()
						if r := c.claim.Load(); r.outer {
							for n := r.watchers.Load(); n != nil; n = n.next {
								if n.waker.Load() != nil {
									m.Fatalf("a watcher is left behind")
								}
							}
						}
						if calls > 1 {
							m.Fatalf("called %d times in the end", calls)
						}
					}, interleave.Preemptions(3))
				})
			}
		}
	}
}
