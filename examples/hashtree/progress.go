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
			j.con.draw(j.stats.progress(j.con.columns()))
		}
	})
	return func() {
		task.CancelCause(future.ErrCanceled)
		future.Await(context.Background(), task)
		j.con.clear()
	}
}

// progress is the state of things as one line of text that is at most so many
// columns wide, but has the percentage at least. The bar is by bytes; where there is
// little room it gets shorter, and then figures are left out.
func (s *stats) progress(columns int) string {
	const shortest, longest = 10, 30
	done, found := s.done.Load(), s.found.Load()
	total := s.total.Load()
	read := min(s.bytes.Load(), total) // a file may grow
	fraction := float64(read) / float64(max(total, 1))
	if total <= 0 && found > 0 {
		fraction = float64(done) / float64(found) // they are all empty
	}
	percent := fmt.Sprintf("%d%%", int(100*fraction))
	bytes := fmt.Sprintf("%.0f of %.0f MB", float64(read)/1e6, float64(total)/1e6)
	speed := fmt.Sprintf("%.0f MB/s", s.speed())
	texts := []string{
		fmt.Sprintf("%d of %d files, %s, %s", done, found, bytes, speed),
		bytes + ", " + speed,
		percent + ", " + speed,
		percent,
	}
	text := texts[0]
	for _, text = range texts {
		if columns-len("[] ")-len(text) >= shortest {
			break
		}
	}
	bar := min(longest, columns-len("[] ")-len(text))
	if bar < 1 {
		return text
	}
	full := int(float64(bar) * fraction)
	return fmt.Sprintf("[%s%s] %s", strings.Repeat("#", full), strings.Repeat("-", bar-full), text)
}
