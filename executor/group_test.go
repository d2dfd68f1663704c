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
	woken := false
	_, _, _ = g.ended().Poll(future.NewWaker(func() {
		woken = true
		if g.err != boom || context.Cause(g.ctx) != boom {
			t.Errorf("it has ended with %v, and its context with %v", g.err, context.Cause(g.ctx))
		}
	}))
	g.taskEnded(new(task), boom)
	if !woken {
		t.Error("nobody was told of the end")
	}
}
