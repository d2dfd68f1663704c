// Crawl checks the links in a folder of HTML files.
//
//	crawl [flags] DIR
//
// It serves the folder on loopback and follows every link that stays there,
// beginning with -start. A line is printed for each link that is broken, as soon
// as that is known: its target is not there, has no such fragment, or is no
// address. The text of the link is quoted as in Go. Links that lead elsewhere are
// counted. The exit status is 1 if a link is broken, and 130 after an interrupt.
//
// # How it works
//
// Every page that is known of is a call on an ants pool, whose size is the number
// of requests at a time; the others wait in its queue. The receivers of their
// results are in a future.Set, from which one goroutine takes them as they
// complete, whichever that is, and to which it adds what they link to. So all
// there is to know about the site belongs to that goroutine, and needs no lock.
// The same wait is also one for the next line of progress.
//
// This program is a module of its own, since it needs an HTML parser:
//
//	go -C examples/crawl run . testdata/site
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/cli"
	"github.com/go-await/await/future"
)

// The exit statuses.
const (
	statusOK          = 0
	statusBroken      = 1 // or the folder could not be served
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
	dir      string
	start    string
	workers  int
	timeout  time.Duration
	progress time.Duration
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
	broken, err := cfg.run(ctx, stdout, stderr)
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "crawl: interrupted")
		return statusInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "crawl:", cli.Visible(err.Error()))
		return statusBroken
	case broken:
		return statusBroken
	}
	return statusOK
}

// run serves the folder and checks it.
func (cfg config) run(ctx context.Context, stdout, stderr io.Writer) (broken bool, err error) {
	if info, err := os.Stat(cfg.dir); err != nil {
		return false, err
	} else if !info.IsDir() {
		return false, fmt.Errorf("%s is not a folder", cfg.dir)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false, err
	}
	server := http.Server{Handler: http.FileServer(http.Dir(cfg.dir))}
	served := future.Go(func() (struct{}, error) { return struct{}{}, server.Serve(l) })
	defer func() {
		server.Close()
		future.Await(context.Background(), served)
	}()
	start, err := url.Parse("http://" + l.Addr().String() + cfg.start)
	if err != nil {
		return false, err
	}
	return cfg.check(ctx, start, stdout, stderr)
}

// check checks the site that start is a page of.
func (cfg config) check(ctx context.Context, start *url.URL, stdout, stderr io.Writer) (broken bool, err error) {
	pool, err := ants.NewPool(cfg.workers)
	if err != nil {
		return false, err
	}
	defer pool.Release()
	transport := &http.Transport{MaxIdleConnsPerHost: cfg.workers}
	defer transport.CloseIdleConnections()
	c := &crawler{
		pool: pool,
		client: &http.Client{
			Transport: transport,
			Timeout:   cfg.timeout,
			// A redirection is a page with one link.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		interval: cfg.progress,
		progress: func(done, known int) { fmt.Fprintf(stderr, "%d of %d addresses\n", done, known) },
	}
	v := newVerdicts()
	for p, err := range c.pages(ctx, start) {
		if err != nil {
			return false, err
		}
		for _, b := range v.judge(p) {
			if _, err := fmt.Fprintln(stdout, b); err != nil {
				return false, err
			}
		}
	}
	_, err = fmt.Fprintf(stdout, "%d addresses, %d links: %d broken, %d not followed\n", v.pages, v.links, v.broken, v.external)
	return v.broken > 0, err
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "crawl [flags] DIR",
	About: "Serves DIR on loopback, follows all links, and prints those that are broken.\n",
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("crawl", flag.ContinueOnError)
	flags.StringVar(&cfg.start, "start", "/", "begin with the page at `PATH`")
	flags.IntVar(&cfg.workers, "workers", 8, "have `N` requests out at the same time")
	flags.DurationVar(&cfg.timeout, "timeout", 10*time.Second, "give up on a page after this long")
	flags.DurationVar(&cfg.progress, "progress", time.Second, "say on stderr how far it is each time this long has passed; 0 for never")
	err := help.Parse(flags, args, stderr, func() error {
		cfg.dir = flags.Arg(0)
		switch {
		case flags.NArg() != 1:
			return errors.New("name one DIR")
		case cfg.workers < 1:
			return errors.New("-workers must be positive")
		case cfg.timeout <= 0 || cfg.progress < 0:
			return errors.New("-timeout must be positive, -progress not negative")
		case cfg.start == "" || cfg.start[0] != '/':
			return errors.New("-start must begin with a slash")
		}
		return nil
	})
	return cfg, err
}
