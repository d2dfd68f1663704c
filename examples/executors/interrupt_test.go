package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// An executor that is interrupted early cancels what it has, spawns no more, and
// leaves no task.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, name := range []string{"mini", "serial", "eventloop"} {
		var out, errs strings.Builder
		if status := run(ctx, []string{"-only", name, "-tasks", "1000000000"}, &out, &errs); status != statusInterrupted || errs.String() != "executors: interrupted\n" {
			t.Errorf("%s: status %d, %q, %q", name, status, out.String(), errs.String())
		}
	}
}

// What is interrupted while it waits is cancelled, and waited for until it has
// unwound, which may take a moment.
func TestSumWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		m := newMini(2)
		defer m.stop()
		unwound := 0
		h := spawn(m, func(ctx context.Context) (int, error) {
			defer func() {
				time.Sleep(time.Second)
				unwound++
			}()
			return future.Await(ctx, future.Never[int]())
		})
		time.AfterFunc(time.Minute, func() { cancel(enough) })
		if _, err := sum(ctx, []*executor.Handle[int]{h}); !errors.Is(err, enough) || unwound != 1 {
			t.Errorf("got %v, and %d of 1 task has unwound", err, unwound)
		}
	})
}
