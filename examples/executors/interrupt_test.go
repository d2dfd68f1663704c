package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// An executor that is interrupted early cancels what it has, spawns no more, and
// leaves no task.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, name := range []string{"mini", "eventloop"} {
		var out, errs strings.Builder
		if status := run(ctx, []string{"-only", name, "-tasks", "1000000000"}, &out, &errs); status != statusInterrupted || errs.String() != "executors: interrupted\n" {
			t.Errorf("%s: status %d, %q, %q", name, status, out.String(), errs.String())
		}
	}
}
