// Gateway is an HTTP API in front of several slow backends.
//
//	gateway [flags]          serves until it is interrupted
//	gateway [flags] -load N  sends N requests to itself, twice, and prints a table
//
// The backends are HTTP servers too, which the program starts on loopback. Each
// knows the price of every symbol, and takes its time. The gateway answers
//
//	GET /                              this list
//	GET /quote?symbols=A,B,C           the prices, as JSON
//	GET /quote?symbols=A,B,C&stream=1  each as soon as it is there, as server-sent events
//	GET /debug/                        what its executor is doing, on the listener of -debug
//
// A price is what the first -quorum backends agree on. An answer that takes
// longer than -timeout is 504, one for which there are no workers left is 503. A
// client learns no more than that; stderr has the details, a line a second at most
// for each status.
//
// A client that is slow to send its request, sends a large one, is slow to read its
// answer, or leaves its connection idle is cut off: [limits] says when. The debug page
// has a listener of its own, which must be on loopback.
//
// The exit status is 0 after an interrupt, once the open requests are answered.
//
// # How it works
//
// The service returns futures: [service.quote] starts a task that has an ants
// pool ask all backends, ranges over their answers as they come, and leaves the
// loop at the quorum, which ends the calls that are still out. Requests for a
// symbol that is being asked for share one such task (flights.go); when the last
// of them has gone, the task is cancelled, and with it its calls.
//
// The handlers are ordinary goroutines of net/http. They block in future.Await
// where the tasks are suspended. A call of a backend is the only thing that
// keeps a worker, and the pool has as many of them as it is told: what finds no
// worker is queued, and refused when -queue calls are.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"github.com/go-await/await/examples/internal/cli"
)

// The exit statuses.
const (
	statusOK          = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130 // a load test that did not come to its end
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second one kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A config is the command line.
type config struct {
	addr     string
	debug    string // the address of the debug page, or "" for none
	backends int
	quorum   int
	delay    time.Duration
	timeout  time.Duration
	workers  int
	queue    int
	coalesce bool
	load     load
	limits   limits
	log      *slog.Logger
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
	cfg.limits = defaultLimits
	cfg.log = slog.New(slog.NewTextHandler(stderr, nil))
	if cfg.load.requests > 0 {
		err = cfg.load.run(ctx, cfg, stdout)
	} else {
		err = serveUntil(ctx, cfg, stdout)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "gateway: interrupted")
		return statusInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "gateway:", cli.Visible(err.Error()))
		return statusFailed
	}
	return statusOK
}

// serveUntil serves until ctx ends, and until the requests that are open then
// are answered.
func serveUntil(ctx context.Context, cfg config, stdout io.Writer) error {
	g, err := newGateway(cfg, cfg.handlers())
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "try   %s/quote?symbols=A,B,C\n", g.url())
	if g.debug != nil {
		fmt.Fprintf(stdout, "and   %s/debug/\n", g.debug.url)
	}
	select {
	case <-ctx.Done():
		err = nil
	case r := <-g.front.served:
		err = r.Err
	}
	if err := errors.Join(err, g.close()); err != nil {
		return fmt.Errorf("while serving: %w", err)
	}
	fmt.Fprintln(stdout, "stopped")
	return nil
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "gateway [flags]",
	About: "Serves the prices that several slow backends agree on, until it is interrupted, or\n" +
		"measures how well it does that. The endpoints are\n\n" + endpoints,
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "serve on `HOST:PORT`")
	flags.StringVar(&cfg.debug, "debug", "127.0.0.1:0", "serve the debug page on `HOST:PORT`, which must be on loopback; empty for none")
	flags.IntVar(&cfg.backends, "backends", 5, "start `N` backends")
	flags.IntVar(&cfg.quorum, "quorum", 3, "believe a price that `N` backends agree on")
	flags.DurationVar(&cfg.delay, "delay", 20*time.Millisecond, "how long a backend takes, on average")
	flags.DurationVar(&cfg.timeout, "timeout", time.Second, "answer 504 after this long")
	flags.IntVar(&cfg.workers, "workers", 256, "have `N` calls of backends at the same time")
	flags.IntVar(&cfg.queue, "queue", 1024, "answer 503 when `N` calls wait for a worker")
	flags.BoolVar(&cfg.coalesce, "coalesce", true, "ask once for a symbol that several requests want")
	flags.IntVar(&cfg.load.requests, "load", 0, "send `N` requests, with and without coalescing")
	flags.IntVar(&cfg.load.clients, "clients", 32, "in a load test, have `N` requests out at the same time")
	flags.IntVar(&cfg.load.symbols, "symbols", 20, "in a load test, ask for `N` different symbols")
	err := help.Parse(flags, args, stderr, func() error {
		switch {
		case flags.NArg() > 0:
			return fmt.Errorf("what is %q?", flags.Arg(0))
		case cfg.quorum < 1 || cfg.quorum > cfg.backends:
			return errors.New("-quorum must be between 1 and -backends")
		case cfg.debug != "" && !isLoopback(cfg.debug):
			return errors.New("-debug must be on loopback, as 127.0.0.1:8081 is")
		case cfg.workers < 1 || cfg.queue < 1 || cfg.load.clients < 1 || cfg.load.symbols < 1:
			return errors.New("-workers, -queue, -clients and -symbols must be positive")
		case cfg.delay < 0 || cfg.timeout <= 0 || cfg.load.requests < 0:
			return errors.New("-timeout must be positive, -delay and -load not negative")
		}
		return nil
	})
	return cfg, err
}

// isLoopback reports whether addr is a HOST:PORT that only this machine can reach.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
