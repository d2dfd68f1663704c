package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOutput(t *testing.T) {
	var out, errs strings.Builder
	if err := run(t.Context(), nil, &out, &errs); err != nil {
		t.Fatal(err, errs.String())
	}
	const want = `mini: 1000 tasks on 2 goroutines, sum of squares 332833500
priority: [keystroke alarm mail report index]
eventloop: 1000 tasks between the frames, sum of squares 332833500
`
	if out.String() != want {
		t.Errorf("it printed\n%s\nwant\n%s", out.String(), want)
	}
}

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
	if l.frames < 9 {
		t.Errorf("%d frames while %d tasks ran, want one every %d tasks", l.frames, n, guestTurn)
	}
}

func TestUse(t *testing.T) {
	var out, errs strings.Builder
	if err := run(t.Context(), []string{"-only", "mini", "-tasks", "3"}, &out, &errs); err != nil || out.String() != "mini: 3 tasks on 2 goroutines, sum of squares 5\n" {
		t.Errorf("-only mini: %v, %q", err, out.String())
	}
	if err := run(t.Context(), []string{"-only", "nosuch"}, &out, &errs); err == nil {
		t.Error("-only nosuch is accepted")
	}
	if err := run(t.Context(), []string{"-h"}, &out, &errs); err == nil || !strings.Contains(errs.String(), "-tasks") {
		t.Errorf("-h: %v, %q", err, errs.String())
	}
}

// An executor that is called small should be.
func TestMiniIsSmall(t *testing.T) {
	src, err := os.ReadFile("mini.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > 40 {
		t.Errorf("mini.go has %d lines", n)
	}
}

func TestInterrupt(t *testing.T) {
	boom := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(boom)
	for _, name := range []string{"mini", "eventloop"} {
		var out, errs strings.Builder
		err := run(ctx, []string{"-only", name}, &out, &errs)
		if err != nil && !errors.Is(err, boom) {
			t.Errorf("%s: %v, want the cause or nothing", name, err)
		}
	}
}
