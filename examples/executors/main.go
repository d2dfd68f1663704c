// Executors shows four executors written with the kit of package executor, each
// in a file of its own:
//
//   - mini.go: a complete one in fifty lines, goroutines that share a channel;
//   - priority.go: one that runs the most urgent task first;
//   - serial.go: one that runs the tasks of a key one after the other;
//   - eventloop.go: one that lives in the idle callback of a foreign event loop.
//
// What all four need to stop is in live.go. They run the same function, which awaits
// futures as it would anywhere. The program prints a line for each: what it ran, what
// came of it, and how long it took.
//
//	executors [flags]
//
// The exit status is 130 after an interrupt: the tasks that there are have been
// cancelled and have ended.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-await/await/examples/internal/cli"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// The exit statuses.
const (
	statusOK          = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second one kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A config is the command line.
type config struct {
	only  string
	tasks int
}

// shows are what there is to see. Each writes the part of a line between its name and
// the time it took, the first half of it when it begins.
var shows = []struct {
	name string
	show func(ctx context.Context, out io.Writer, tasks int) error
}{
	{"mini", showMini},
	{"priority", showPriority},
	{"serial", showSerial},
	{"eventloop", showEventLoop},
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		return statusUsage
	}
	for _, s := range shows {
		if cfg.only != "" && cfg.only != s.name {
			continue
		}
		fmt.Fprintf(stdout, "%-11s", s.name)
		start := time.Now()
		err := s.show(ctx, stdout, cfg.tasks)
		if err != nil {
			fmt.Fprintln(stdout)
		} else {
			fmt.Fprintf(stdout, ", in %v\n", time.Since(start).Round(time.Microsecond))
		}
		switch {
		case err != nil && ctx.Err() != nil:
			fmt.Fprintln(stderr, "executors: interrupted")
			return statusInterrupted
		case err != nil:
			fmt.Fprintf(stderr, "executors: %s: %s\n", s.name, cli.Visible(err.Error()))
			return statusFailed
		}
	}
	return statusOK
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "executors [flags]",
	About: "Runs tasks on four executors that are written with the kit of package executor.\n",
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("executors", flag.ContinueOnError)
	flags.StringVar(&cfg.only, "only", "", "show only the executor `NAME`: mini, priority, serial or eventloop")
	flags.IntVar(&cfg.tasks, "tasks", 1000, "have the mini, the serial and the eventloop executor run `N` tasks")
	err := help.Parse(flags, args, stderr, func() error {
		known := cfg.only == ""
		for _, s := range shows {
			known = known || cfg.only == s.name
		}
		switch {
		case flags.NArg() > 0:
			return fmt.Errorf("what is %q?", flags.Arg(0))
		case !known:
			return fmt.Errorf("there is no executor %q", cfg.only)
		case cfg.tasks < 0:
			return errors.New("-tasks must not be negative")
		}
		return nil
	})
	return cfg, err
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

// sumOf adds up the results of n tasks. When ctx ends it spawns no more, and gives
// its cause once those that there are have ended.
func sumOf(ctx context.Context, n int, spawn func(i int) *executor.Handle[int]) (int, error) {
	var hs []*executor.Handle[int]
	for i := 0; i < n && ctx.Err() == nil; i++ {
		hs = append(hs, spawn(i))
	}
	total, err := sum(ctx, hs)
	if len(hs) < n {
		err = context.Cause(ctx)
	}
	return total, err
}

func showMini(ctx context.Context, out io.Writer, tasks int) error {
	fmt.Fprintf(out, "%d tasks on 2 goroutines that share a channel: ", tasks)
	m := newMini(2)
	defer m.stop()
	total, err := sumOf(ctx, tasks, func(i int) *executor.Handle[int] {
		return spawn(m, func(ctx context.Context) (int, error) { return square(ctx, i) })
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "sum of squares %d", total)
	return nil
}

func showPriority(ctx context.Context, out io.Writer, _ int) error {
	fmt.Fprint(out, "the most urgent of 5 tasks first, and of equals the older: ")
	p := newPriority()
	defer p.stop()
	var order []string
	var hs []*executor.Handle[int]
	for _, job := range []struct {
		name string
		prio int
	}{{"report", 0}, {"keystroke", 9}, {"mail", 3}, {"alarm", 9}, {"index", 0}} {
		hs = append(hs, spawnAt(p, job.prio, func(context.Context) (int, error) {
			order = append(order, fmt.Sprint(job.name, " ", job.prio)) // one worker: no lock
			return 0, nil
		}))
	}
	p.start()
	if _, err := sum(ctx, hs); err != nil {
		return err
	}
	fmt.Fprint(out, strings.Join(order, ", "))
	return nil
}

func showSerial(ctx context.Context, out io.Writer, tasks int) error {
	fmt.Fprintf(out, "%d tasks on 2 goroutines, those of one of 3 accounts one after the other: ", tasks)
	s := newSerial(2)
	defer s.stop()
	keys := []string{"ada", "bob", "eve"}
	var balances [3]int // each belongs to the tasks of its key: no lock
	_, err := sumOf(ctx, tasks, func(i int) *executor.Handle[int] {
		return spawnFor(s, keys[i%3], func(ctx context.Context) (int, error) {
			before := balances[i%3]
			n, err := square(ctx, i) // no other task of the key runs meanwhile
			balances[i%3] = before + n
			return n, err
		})
	})
	if err != nil {
		return err
	}
	fmt.Fprint(out, "balances ", balances)
	return nil
}

func showEventLoop(ctx context.Context, out io.Writer, tasks int) error {
	fmt.Fprintf(out, "%d tasks in the idle callback of a loop, at most %d a frame: ", tasks, guestTurn)
	l := newLoop()
	g := newGuest(l)
	total := 0 // belongs to the loop's goroutine, and so to the tasks
	last := spawnGuest(g, func(ctx context.Context) (int, error) {
		return sumOf(ctx, tasks, func(i int) *executor.Handle[int] {
			return spawnGuest(g, func(ctx context.Context) (int, error) {
				v, err := square(ctx, i)
				total += v
				return v, err
			})
		})
	})
	defer context.AfterFunc(ctx, func() { last.CancelCause(context.Cause(ctx)) })()
	quit := make(chan struct{})
	var err error
	go func() {
		defer close(quit)
		_, err = future.Await(context.Background(), last)
		g.stop()
	}()
	l.run(quit)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "sum of squares %d, %d frames", total, l.frames)
	return nil
}
