// Soak runs operations of all kinds for a long time, and sees that nothing is lost and
// nothing grows.
//
//	go run ./internal/soak -for 10m
//
// Each kind of operation sends values, which must come back: each once, and no others.
// The run has 40 rounds. After each the operations pause, and the heap, the goroutines,
// the threads and the timers are counted.
// Soak prints a table of the kinds and one of the samples. If a value was lost, an
// operation failed, or a resource has grown, Soak says which and by how much, and its
// exit status is 1.
package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/panjf2000/ants/v2"
)

// rounds is how many samples a run takes.
const rounds = 40

func main() {
	runtime.MemProfileRate = profileRate
	long := flag.Duration("for", 10*time.Minute, "how long to run")
	quiet := flag.Bool("q", false, "print no sample before the end")
	flag.Parse()
	if flag.NArg() > 0 || *long <= 0 {
		fmt.Fprintln(os.Stderr, "soak: want a positive duration and no argument\nusage: soak [-for duration] [-q]")
		os.Exit(2)
	}
	ants.Release() // the pool that importing ants makes
	s := newSoak(kinds)
	slog.SetDefault(slog.New(s.log))
	if err := report(os.Stdout, s, *long, *quiet); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// report runs s and writes the tables.
func report(w io.Writer, s *soak, long time.Duration, quiet bool) error {
	began := time.Now()
	if !quiet {
		s.progress = func(now sample) {
			fmt.Fprintf(w, "%v: heap %d, %d goroutines, %d threads, %d timers\n",
				time.Since(began).Round(time.Second), now[heap], now[goroutines], now[threads], now[timers])
		}
	}
	err := s.run(rounds, long/rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nkind\toperations\tvalues\t")
	for i := range s.kinds {
		fmt.Fprintf(table, "%s\t%d\t%d\t\n", s.kinds[i].name, s.ledgers[i].operations.Load(), s.ledgers[i].got.count.Load())
	}
	_ = table.Flush() // the last write to w tells
	fmt.Fprintln(table, "\nsample\theap\tgoroutines\tthreads\ttimers\t")
	for i, now := range s.samples {
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%d\t\n", i+1, now[heap], now[goroutines], now[threads], now[timers])
	}
	_ = table.Flush()
	messages := s.log.messages()
	for _, m := range slices.Sorted(maps.Keys(messages)) {
		fmt.Fprintf(w, "\nlogged %d times: %s", messages[m], m)
	}
	_, werr := fmt.Fprintf(w, "\n%d kinds, %v\n", len(s.kinds), time.Since(began).Round(time.Second))
	if err == nil {
		err = werr
	}
	return err
}
