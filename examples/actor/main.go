// Actor has a goroutine serve requests, and reply over oneshots.
//
//	actor [-goroutines N] [-tasks N] [-transfers N]
//
// The actor is a bank: the accounts belong to its goroutine alone, so they need
// no lock. Its clients transfer money. Some are goroutines and some are tasks of
// an executor, and both run the same function: where it awaits a reply, the
// goroutines block and the tasks are suspended. When all have done their transfers
// the bank must have as much money as before.
//
// The program prints how long each kind of client took, and three more things that it
// shows: a panic in a request is its reply, asking never blocks, and a request whose
// client has gone is skipped.
//
// The exit status is 130 after an interrupt; what had been asked for is done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/examples/internal/cli"
	"github.com/go-await/await/executor"
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
	goroutines, tasks, transfers int
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
	b := openBank(cfg.goroutines + cfg.tasks + 1)
	defer b.close()
	switch err := cfg.run(ctx, b, stdout); {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "actor: interrupted")
		return statusInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "actor:", cli.Visible(err.Error()))
		return statusFailed
	}
	return statusOK
}

// run has the clients of both kinds do their transfers, and checks that b has lost
// nothing.
func (cfg config) run(ctx context.Context, b bank, stdout io.Writer) error {
	before := b.sum()
	fmt.Fprintf(stdout, "the bank has %d in %d accounts\n", before, len(accounts{}))

	// The tasks only await, so one that keeps its worker for less than a second
	// shows how busy the machine is, and nothing else.
	tasks := executor.New(executor.WithName("clients"))
	defer tasks.Close()
	group, groupCtx := errgroup.WithContext(ctx)
	start := time.Now()
	blocked, suspended := stopwatch{start: start}, stopwatch{start: start}
	for i := range cfg.goroutines {
		group.Go(func() error {
			defer blocked.finished()
			return client(groupCtx, b, i, cfg.transfers)
		})
	}
	for i := range cfg.tasks {
		errgroup.GoTask(group, tasks, func(ctx context.Context) (struct{}, error) {
			defer suspended.finished()
			return struct{}{}, client(ctx, b, i, cfg.transfers)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d goroutines, which block while they await a reply, made %d transfers, in %v\n",
		cfg.goroutines, cfg.goroutines*cfg.transfers, blocked.took)
	fmt.Fprintf(stdout, "%d tasks, which are suspended meanwhile, made %d transfers, in %v\n",
		cfg.tasks, cfg.tasks*cfg.transfers, suspended.took)
	if err := showPanic(ctx, b, stdout); err != nil {
		return err
	}
	if err := showMailbox(ctx, b, stdout); err != nil {
		return err
	}

	after := b.sum()
	if before != after {
		return fmt.Errorf("the bank had %d and has %d", before, after)
	}
	fmt.Fprintf(stdout, "the bank still has %d\n", after)
	return nil
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "actor [flags]",
	About: "Has goroutines and tasks transfer money between the accounts of a bank,\n" +
		"which is a goroutine that replies over oneshots.\n",
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("actor", flag.ContinueOnError)
	flags.IntVar(&cfg.goroutines, "goroutines", 4, "have `N` clients that are goroutines")
	flags.IntVar(&cfg.tasks, "tasks", 1000, "have `N` clients that are tasks")
	flags.IntVar(&cfg.transfers, "transfers", 100, "have each of them make `N` transfers")
	err := help.Parse(flags, args, stderr, func() error {
		switch {
		case flags.NArg() > 0:
			return fmt.Errorf("what is %q?", flags.Arg(0))
		case cfg.goroutines < 0 || cfg.tasks < 0 || cfg.transfers < 0:
			return errors.New("-goroutines, -tasks and -transfers must not be negative")
		}
		return nil
	})
	return cfg, err
}
