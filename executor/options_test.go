package executor_test

import (
	"context"
	"errors"
	"log"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A logger that is nil is slog.Default, which writes to the standard logger of package log.
// That is where the test listens: slog.SetDefault would change log's output for good.
func TestNilLoggerIsTheDefault(t *testing.T) {
	defer log.SetOutput(log.Writer())
	var lines atomic.Pointer[string]
	log.SetOutput(writerFunc(func(p []byte) (int, error) {
		line := string(p)
		lines.Store(&line)
		return len(p), nil
	}))
	e := executor.New(executor.WithLogger(nil))
	executor.Go(e, func(context.Context) (int, error) { return 0, errors.New("it failed") }).Detach()
	_ = e.Shutdown(t.Context())
	if line := lines.Load(); line == nil || !strings.Contains(*line, "it failed") {
		t.Error("the failure of a detached task was not logged")
	}
}

// As many workers as are allowed can be had.
func TestMostWorkers(t *testing.T) {
	e := executor.New(executor.WithWorkers(1 << 16))
	defer e.Close()
	if v, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); v != 1 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}
