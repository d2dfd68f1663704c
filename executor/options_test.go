package executor_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A logger that is nil is slog.Default.
func TestNilLoggerIsTheDefault(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	lines := make(chan string, 10)
	slog.SetDefault(slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		lines <- string(p)
		return len(p), nil
	}), nil)))
	e := executor.New(executor.WithLogger(nil))
	executor.Go(e, func(context.Context) (int, error) { return 0, errors.New("it failed") }).Detach()
	_ = e.Shutdown(t.Context())
	select {
	case line := <-lines:
		if !strings.Contains(line, "it failed") {
			t.Errorf("logged %q, want the failure", line)
		}
	default:
		t.Error("nothing was logged, want the failure of a detached task")
	}
}

// As many workers as are allowed can be had.
func TestMostWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some 50 MB")
	}
	e := executor.New(executor.WithWorkers(1 << 16))
	defer e.Close()
	if v, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); v != 1 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}
