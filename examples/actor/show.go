package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A stopwatch notes when the last of some clients has finished.
type stopwatch struct {
	start time.Time
	mu    sync.Mutex
	took  time.Duration
}

func (s *stopwatch) finished() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = time.Since(s.start).Round(time.Microsecond)
}

// showPanic shows that the reply to a request that panics is the panic.
func showPanic(ctx context.Context, b bank, stdout io.Writer) error {
	start := time.Now()
	_, err := future.Await(ctx, ask(b.actor, func(*accounts) (int, error) { panic("the vault is empty") }))
	took := time.Since(start).Round(time.Microsecond)
	var p *future.PanicError
	if !errors.As(err, &p) {
		return fmt.Errorf("a request panicked, and got %w", err)
	}
	fmt.Fprintf(stdout, "a request panicked and got the panic as its reply, in %v: %v\n", took, p.Value)
	return nil
}

// showMailbox shows that asking never blocks, and that a request is skipped if its
// client has gone: while the bank is busy it asks until it is refused, and closes all
// receivers but the last.
func showMailbox(ctx context.Context, b bank, stdout io.Writer) error {
	serving, goOn := make(chan struct{}), make(chan struct{})
	busy := ask(b.actor, func(*accounts) (struct{}, error) {
		close(serving)
		<-goOn
		return struct{}{}, nil
	})
	<-serving
	start := time.Now()
	taken, run := 0, 0 // run belongs to the actor until it has replied
	var last *oneshot.Receiver[int]
	var refusal error
	for {
		rx := ask(b.actor, func(*accounts) (int, error) { run++; return 0, nil })
		if _, refused, err := rx.Poll(nil); refused {
			refusal = err
			break
		}
		taken++
		if last != nil {
			last.Close()
		}
		last = rx
	}
	asked := time.Since(start).Round(time.Microsecond)
	close(goOn)
	if _, err := future.Await(ctx, future.Join2(busy, last)); err != nil {
		return err
	}
	served := time.Since(start).Round(time.Microsecond)
	if run != 1 {
		return fmt.Errorf("%d requests were run, of which 1 had a client", run)
	}
	fmt.Fprintf(stdout, "the bank was busy, took %d requests and refused one, in %v: %v\n", taken, asked, refusal)
	fmt.Fprintf(stdout, "%d of their clients went away, and their requests were skipped, in %v\n", taken-1, served)
	return nil
}
