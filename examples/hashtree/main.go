// Hashtree prints the digest of every regular file of some trees, in the format
// of sha256sum and sorted by path, or verifies such a list.
//
//	hashtree [flags] [DIR…]       prints a line per file; a FILE is a tree of one
//	hashtree [flags] -check FILE  verifies the list in FILE, or in - (stdin)
//
// Without an argument it hashes the Go distribution: what go env GOROOT names.
//
// The list is the one of
//
//	find -H DIR… -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum --
//
// byte for byte: a symbolic link that is named as an argument is followed, one
// within a tree is not and has no line. A link that leads nowhere, or in a
// circle, is reported, as is whatever cannot be read: one message per path on
// stderr, the rest is still hashed, and the exit status is 1. It is 2 for a wrong
// use, and 130 after an interrupt, which ends a list before its first line or
// after a whole one. A terminal is shown names with Go's escapes in place of what it
// does not print.
//
// Pipes and devices are not read, and -check takes no list from one but stdin. What
// was a file when its directory was listed, and is a pipe or a symbolic link when it
// is opened, is reported and not read.
//
// # How it works
//
// Whatever blocks runs on an ants pool: the listing of a directory and the
// hashing of a file. Each is a future of its result. A directory is a task that
// awaits its list, starts what is in it, and awaits that: its files' receivers
// and the handles of its sub-directories are futures alike. So all files that are
// known are pending at once, at some hundred bytes each, on as many goroutines as
// the pool has workers. An interrupt cancels one future, the one that main
// awaits, and that reaches everything below it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/cli"
	"github.com/go-await/await/executor"
)

// The exit statuses.
const (
	statusOK          = 0
	statusFailed      = 1 // something could not be read, or did not match
	statusUsage       = 2
	statusInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second one kills
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A config is the command line.
type config struct {
	workers int
	algo    algorithm
	list    string // of -check
	summary bool
	paths   []string
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	cfg, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		return statusUsage
	}
	con := newConsole(stderr)
	if terminalOf(stdout) >= 0 {
		stdout = visible(stdout)
	}
	if cfg.list == "" && len(cfg.paths) == 0 {
		root, err := goroot(ctx)
		if err != nil {
			help.Mistake(stderr, "hashtree", fmt.Errorf("no DIR, and go env GOROOT does not say where Go is: %w", err))
			return statusUsage
		}
		cfg.paths = []string{root}
	}

	pool, err := ants.NewPool(cfg.workers)
	if err != nil {
		con.message("%v", err)
		return statusFailed
	}
	defer pool.Release()
	// The tasks only await. If one seems to keep its worker, the pool has kept
	// the processors: that is no news.
	tasks := executor.New(executor.WithName("hashtree"), executor.WithStallThreshold(0))
	defer tasks.Close()

	j := &job{ctx: ctx, pool: pool, tasks: tasks, algo: cfg.algo, con: con}
	endProgress := j.startProgress()
	if cfg.list != "" {
		err = j.check(cfg.list, stdin, stdout)
	} else {
		err = j.print(cfg.paths, stdout)
	}
	endProgress()
	if cfg.summary {
		j.stats.print(stderr)
	}
	switch {
	case ctx.Err() != nil:
		con.message("interrupted")
		return statusInterrupted
	case err != nil:
		con.message("%s", cli.Visible(err.Error()))
		return statusFailed
	case con.hasFailed():
		return statusFailed
	}
	return statusOK
}

// help is what -h prints, and of which a mistake prints the first line.
var help = cli.Help{
	Usage: "hashtree [flags] [DIR…] | hashtree [flags] -check FILE",
	About: "Prints the digest of every regular file below each DIR, as sha256sum does,\n" +
		"sorted by path, or verifies such a list. The default DIR is go env GOROOT.\n",
}

// parse reads the command line. What is wrong with it has been said on stderr.
func parse(args []string, stderr io.Writer) (config, error) {
	cfg := config{algo: algorithms[0]}
	flags := flag.NewFlagSet("hashtree", flag.ContinueOnError)
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "hash `N` files at the same time")
	flags.Func("algo", "the `hash`: "+algorithmNames()+" (default "+cfg.algo.name+")", cfg.algo.set)
	flags.StringVar(&cfg.list, "check", "", "verify the list in `FILE`, or in - for stdin")
	flags.BoolVar(&cfg.summary, "summary", false, "say on stderr what it took")
	err := help.Parse(flags, args, stderr, func() error {
		cfg.paths = flags.Args()
		switch {
		case cfg.workers < 1:
			return errors.New("-workers must be positive")
		case cfg.list != "" && len(cfg.paths) > 0:
			return errors.New("-check takes no DIR")
		}
		return nil
	})
	return cfg, err
}

// goroot asks the go command where its distribution is.
func goroot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	return filepath.ToSlash(strings.TrimRight(string(out), "\r\n")), err
}
