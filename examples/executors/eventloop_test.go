package main

import (
	"context"
	"testing"
)

// The loop draws frames between the tasks rather than after all of them.
func TestEventLoopIsNotHeldUp(t *testing.T) {
	l := newLoop()
	g := newGuest(l)
	quit := make(chan struct{})
	n := 0
	for range 10 * guestTurn {
		spawnGuest(g, func(context.Context) (int, error) {
			if n++; n == 10*guestTurn {
				close(quit)
			}
			return 0, nil
		})
	}
	l.run(quit)
	if l.frames < 10 || l.frames > 11 { // it may see first that it is to quit, or that it was signalled
		t.Errorf("%d frames while %d tasks ran, want one every %d tasks", l.frames, n, guestTurn)
	}
}
