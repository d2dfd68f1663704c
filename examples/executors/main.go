// Executors shows three executors written with the kit of package executor, each
// in a file of its own:
//
//   - mini.go: a complete one in forty lines, goroutines that share a channel;
//   - priority.go: one that runs the most urgent task first;
//   - eventloop.go: one that lives in the idle callback of a foreign event loop.
//
// All three run the same function, which awaits futures as it would anywhere.
//
//	executors [-only mini|priority|eventloop] [-tasks N]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "executors:", err)
			os.Exit(1)
		}
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("executors", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "show one of mini, priority and eventloop")
	tasks := flags.Int("tasks", 1000, "how many tasks the mini and the eventloop executor run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	shows := []struct {
		name string
		show func(ctx context.Context, out io.Writer, tasks int) error
	}{
		{"mini", showMini},
		{"priority", showPriority},
		{"eventloop", showEventLoop},
	}
	shown := false
	for _, s := range shows {
		if *only != "" && *only != s.name {
			continue
		}
		shown = true
		if err := s.show(ctx, stdout, *tasks); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if !shown {
		return fmt.Errorf("there is no executor %q", *only)
	}
	return nil
}

// square is what the tasks do: it has its answer worked out elsewhere, by a
// goroutine that could be anything, and awaits it.
func square(ctx context.Context, n int) (int, error) {
	tx, rx := oneshot.New[int]()
	go func() {
		defer tx.Close()
		_ = tx.Send(n * n)
	}()
	return future.Await(ctx, rx)
}

// sum awaits the handles and adds up their results. When ctx ends it cancels the
// tasks, and still waits until they have unwound: an executor must not go before
// its tasks. It returns the first error.
func sum(ctx context.Context, hs []*executor.Handle[int]) (total int, err error) {
	defer context.AfterFunc(ctx, func() {
		for _, h := range hs {
			h.CancelCause(context.Cause(ctx))
		}
	})()
	patient := context.WithoutCancel(ctx)
	for _, h := range hs {
		v, e := future.Await(patient, h)
		if err == nil {
			err = e
		}
		total += v
	}
	return total, err
}

func showMini(ctx context.Context, out io.Writer, tasks int) error {
	m := newMini(2)
	defer close(m)
	hs := make([]*executor.Handle[int], tasks)
	for i := range hs {
		hs[i] = spawn(m, func(ctx context.Context) (int, error) { return square(ctx, i) })
	}
	total, err := sum(ctx, hs)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "mini: %d tasks on 2 goroutines, sum of squares %d\n", tasks, total)
	return nil
}

func showPriority(ctx context.Context, out io.Writer, _ int) error {
	p := newPriority()
	defer p.close()
	var order []string
	var hs []*executor.Handle[int]
	for _, job := range []struct {
		name string
		prio int
	}{{"report", 0}, {"keystroke", 9}, {"mail", 3}, {"alarm", 9}, {"index", 0}} {
		hs = append(hs, spawnAt(p, job.prio, func(context.Context) (int, error) {
			order = append(order, job.name) // one worker: no lock
			return 0, nil
		}))
	}
	p.start()
	if _, err := sum(ctx, hs); err != nil {
		return err
	}
	fmt.Fprintf(out, "priority: %v\n", order)
	return nil
}

func showEventLoop(ctx context.Context, out io.Writer, tasks int) error {
	l := newLoop()
	g := newGuest(l)
	total := 0 // belongs to the loop's goroutine, and so to the tasks
	last := spawnGuest(g, func(ctx context.Context) (int, error) {
		hs := make([]*executor.Handle[int], tasks)
		for i := range hs {
			hs[i] = spawnGuest(g, func(ctx context.Context) (int, error) {
				v, err := square(ctx, i)
				total += v
				return v, err
			})
		}
		return sum(ctx, hs)
	})
	defer context.AfterFunc(ctx, func() { last.CancelCause(context.Cause(ctx)) })()
	quit := make(chan struct{})
	var v int
	var err error
	go func() {
		defer close(quit) // the task has ended, also if it was cancelled before it began
		v, err = future.Await(context.Background(), last)
	}()
	l.run(quit)
	if err != nil {
		return err
	}
	if v != total {
		return fmt.Errorf("the tasks added up to %d, their results to %d", total, v)
	}
	fmt.Fprintf(out, "eventloop: %d tasks between the frames, sum of squares %d\n", tasks, total)
	return nil
}
