package executor

import (
	"context"
	"errors"
	"testing"

	"github.com/go-await/await/future"
)

// Who waits for the end of a group finds the failure of its last task there.
func TestGroupFailsBeforeItEnds(t *testing.T) {
	boom := errors.New("boom")
	g := &TaskGroup{live: 1}
	g.ctx, g.cancel = context.WithCancelCause(t.Context())
	g.ended = g.taskEnded
	ender := new(task)
	ender.canceled.Store(&cancellation{lost: &lostFailure{err: boom}})
	woken := false
	_, _, _ = g.whenEnded().Poll(future.NewWaker(func() {
		woken = true
		if g.errs[0] != boom || context.Cause(g.ctx) != boom {
			t.Errorf("it has ended with %v, and its context with %v, want %v", g.errs[0], context.Cause(g.ctx), boom)
		}
	}))
	g.ended(ender, boom)
	if !woken {
		t.Error("nobody was told of the end")
	}
}
