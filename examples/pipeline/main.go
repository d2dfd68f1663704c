// Pipeline compresses a file on all processors, into the format of gzip.
//
//	pipeline [flags] FILE   compresses FILE
//	pipeline [flags]        compresses -generate bytes that look like a log
//
// The result goes to stdout, or to the file -o, and a report to stderr. Without -o
// the program refuses to write to a terminal; -o - is stdout whatever that is. All
// that reads gzip reads the result: it consists of one member for each chunk of the
// input. The exit status is 130 after an interrupt. A file that is not complete is
// removed.
//
// # How it works
//
// Three stages run in an errgroup, and each returns a result of its own type:
// one reads chunks and digests them, some compress chunks, one writes them in
// their order. The order is kept by oneshots: a chunk is queued for the writer
// when it is read, and the writer awaits each chunk's oneshot in turn.
//
// There is a fixed number of chunks, and when the writer has written one it is
// used again. So the reader waits when the writer does, or when the compressors
// cannot keep up, and the memory needed does not depend on the file. The first
// stage that fails ends the context of all of them.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"

	"golang.org/x/term"

	"github.com/go-await/await/examples/internal/cli"
	"github.com/go-await/await/future"
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
	pipeline
	generate int64
	in, out  string
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
	if f, ok := stdout.(*os.File); ok && cfg.out == "" && term.IsTerminal(int(f.Fd())) {
		help.Mistake(stderr, "pipeline", errors.New("the result is not text, and stdout is a terminal: redirect it, or give -o OUT"))
		return statusUsage
	}
	s, err := cfg.run(ctx, stdout)
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "pipeline: interrupted")
		return statusInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "pipeline:", cli.Visible(err.Error()))
		return statusFailed
	}
	s.print(stderr)
	return statusOK
}

// run opens the files.
func (cfg config) run(ctx context.Context, stdout io.Writer) (s summary, err error) {
	src := generate(cfg.generate)
	if cfg.in != "" {
		f, err := os.Open(cfg.in)
		if err != nil {
			return s, err
		}
		defer f.Close()
		// A pipe may have nothing to read for ever; of a file this is refused.
		defer context.AfterFunc(ctx, func() { _ = f.SetDeadline(time.Unix(1, 0)) })()
		src = f
	}
	if cfg.out == "" || cfg.out == "-" {
		return cfg.compress(ctx, src, abandoning{ctx, stdout})
	}
	f, err := os.Create(cfg.out)
	if err != nil {
		return s, err
	}
	dst := bufio.NewWriter(f)
	s, err = cfg.compress(ctx, src, dst)
	if err == nil {
		err = dst.Flush()
	}
	info, e := f.Stat()
	if err = errors.Join(err, e, f.Close()); err != nil && e == nil && info.Mode().IsRegular() {
		os.Remove(cfg.out) // a device stays
	}
	return s, err
}

// An abandoning writer returns from a Write when ctx ends, though w has not: a pipe
// may be full and have no reader that goes on, and stdout has no deadline. The
// goroutine of that Write ends with the program.
type abandoning struct {
	ctx context.Context
	w   io.Writer
}

func (a abandoning) Write(b []byte) (int, error) {
	return future.Await(a.ctx, future.Go(func() (int, error) { return a.w.Write(b) }))
}

// print says what was done.
func (s summary) print(w io.Writer) {
	fmt.Fprintf(w, "read     %d bytes in %d chunks\n", s.read.bytes, s.read.chunks)
	fmt.Fprintf(w, "sha256   %x\n", s.read.sum)
	fmt.Fprintf(w, "workers  %v chunks each\n", s.shares)
	fmt.Fprintf(w, "wrote    %d bytes\n", s.written)
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "pipeline [flags] [FILE]",
	About: "Compresses FILE, or bytes that it makes up, into the format of gzip. The result\n" +
		"goes to stdout, and a report to stderr.\n",
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "compress `N` chunks at the same time")
	flags.IntVar(&cfg.chunks, "chunks", 4*runtime.GOMAXPROCS(0), "have `N` chunks in memory")
	flags.IntVar(&cfg.size, "chunk", 1<<20, "make each chunk `N` bytes long")
	flags.Int64Var(&cfg.generate, "generate", 64<<20, "without FILE, make up `N` bytes")
	flags.StringVar(&cfg.out, "o", "", "write to `OUT`; - is stdout (default stdout, unless it is a terminal)")
	err := help.Parse(flags, args, stderr, func() error {
		cfg.in = flags.Arg(0)
		switch {
		case flags.NArg() > 1:
			return errors.New("name one FILE")
		case cfg.workers < 1 || cfg.chunks < 1 || cfg.size < 1:
			return errors.New("-workers, -chunks and -chunk must be positive")
		case cfg.generate < 0:
			return errors.New("-generate must not be negative")
		}
		return nil
	})
	return cfg, err
}
