package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// startProgress draws the progress on a terminal, again and again, until the
// function that it returns is called. The task that does it is straight-line code:
// between two drawings it is suspended, and no goroutine of the pool waits.
func (j *job) startProgress() (end func()) {
	j.stats.start = time.Now()
	if !j.con.isTerminal() {
		return func() {}
	}
	task := executor.Go(j.tasks, func(ctx context.Context) (struct{}, error) {
		for {
			if v, err := future.Await(ctx, future.After(100*time.Millisecond)); err != nil {
				return v, err
			}
			j.con.draw(j.stats.progress())
		}
	})
	return func() {
		task.CancelCause(future.ErrCanceled)
		future.Await(context.Background(), task)
		j.con.clear()
	}
}

// progress is the state of things as one line of text.
func (s *stats) progress() string {
	const width = 30
	done, found := s.done.Load(), s.found.Load()
	full := int(width * done / max(found, 1))
	return fmt.Sprintf("[%s%s] %d of %d files, %.0f MB, %.0f MB/s",
		strings.Repeat("#", full), strings.Repeat("-", width-full),
		done, found, float64(s.bytes.Load())/1e6, s.speed())
}
