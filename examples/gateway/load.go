package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A load is what a load test sends: requests by clients that each send the next
// one when they have the answer to the last. Some symbols are asked for much more
// often than others.
type load struct {
	requests int
	clients  int
	symbols  int
}

// A tally is what came of some requests.
type tally struct {
	statuses  map[int]int
	lost      []error         // no answer, or a wrong one
	latencies []time.Duration // of those that were answered, sorted in the end
	took      time.Duration
	calls     int64 // of backends
	left      int   // flights afterwards
}

// run measures twice and prints a table.
func (l load) run(ctx context.Context, cfg config, stdout io.Writer) error {
	fmt.Fprintf(stdout, "%d requests of %d clients, for two of %d symbols each; %d backends of %v, quorum %d\n\n",
		l.requests, l.clients, l.symbols, cfg.backends, cfg.delay, cfg.quorum)
	var without, with tally
	for _, run := range []struct {
		coalesce bool
		tally    *tally
	}{{false, &without}, {true, &with}} {
		cfg.addr, cfg.debug, cfg.coalesce = "127.0.0.1:0", "", run.coalesce
		cfg.log = slog.New(slog.DiscardHandler) // the table has the failures
		g, err := newGateway(cfg, cfg.handlers())
		if err != nil {
			return err
		}
		*run.tally, err = l.measure(ctx, g)
		if err := errors.Join(err, g.close()); err != nil {
			return err
		}
	}
	return report(stdout, without, with)
}

// measure sends all requests to g, and ends its tasks. A task that is left and
// does not end is an error.
func (l load) measure(ctx context.Context, g *gateway) (t tally, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: l.clients}}
	defer client.CloseIdleConnections()

	var sent atomic.Int64
	next := func() bool { return sent.Add(1) <= int64(l.requests) }
	start := time.Now()
	var group errgroup.Group
	parts := make([]*oneshot.Receiver[tally], l.clients)
	for i := range parts {
		parts[i] = errgroup.Go(&group, func() (tally, error) {
			return l.client(ctx, client, g.url(), uint64(i), next)
		})
	}
	t.statuses = make(map[int]int)
	for _, part := range parts {
		p, e := future.Await(context.Background(), part) // the client knows when ctx ends
		err = errors.Join(err, e)
		for status, n := range p.statuses {
			t.statuses[status] += n
		}
		t.lost = append(t.lost, p.lost...)
		t.latencies = append(t.latencies, p.latencies...)
	}
	t.took = time.Since(start)
	t.calls = g.calls.Load()
	// What was cancelled may still have to end.
	ctx, cancel := context.WithTimeout(ctx, g.timeout+time.Second)
	defer cancel()
	err = errors.Join(err, g.tasks.Shutdown(ctx))
	t.left = g.flights.size()
	slices.Sort(t.latencies)
	return t, err
}

// client sends requests one after the other as long as next says so.
func (l load) client(ctx context.Context, c *http.Client, url string, seed uint64, next func() bool) (tally, error) {
	t := tally{statuses: make(map[int]int)}
	zipf := rand.NewZipf(rand.New(rand.NewPCG(seed, 1)), 1.5, 1, uint64(l.symbols-1))
	symbol := func() string { return "S" + strconv.FormatUint(zipf.Uint64(), 10) }
	for next() {
		symbols := []string{symbol(), symbol()}
		start := time.Now()
		status, err := get(ctx, c, url, symbols)
		switch {
		case ctx.Err() != nil:
			return t, context.Cause(ctx)
		case err != nil:
			t.lost = append(t.lost, err)
		default:
			t.statuses[status]++
			t.latencies = append(t.latencies, time.Since(start))
		}
	}
	return t, nil
}

// get sends a request and checks the answer. The error says that there was none,
// or that it was wrong.
func get(ctx context.Context, c *http.Client, url string, symbols []string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/quote?symbols="+strings.Join(symbols, ","), nil)
	if err != nil {
		return 0, err
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	switch res.StatusCode {
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return res.StatusCode, nil
	case http.StatusOK:
	default:
		return 0, fmt.Errorf("%s: %s", res.Status, body)
	}
	var got struct{ Quotes []quote }
	if err := json.Unmarshal(body, &got); err != nil {
		return 0, err
	}
	want := make([]quote, len(symbols))
	for i, s := range symbols {
		want[i] = quote{s, priceOf(s)}
	}
	if !slices.Equal(got.Quotes, want) {
		return 0, fmt.Errorf("got %v, want %v", got.Quotes, want)
	}
	return res.StatusCode, nil
}

// verdict is the error of a run in which something went missing or was left.
func (t tally) verdict() error {
	switch {
	case len(t.lost) > 0:
		return fmt.Errorf("%d requests were lost, the first with: %w", len(t.lost), t.lost[0])
	case t.left > 0:
		return fmt.Errorf("%d flights were left", t.left)
	}
	return nil
}

// quantile returns the latency that a fraction of the requests did not exceed.
func (t tally) quantile(fraction float64) time.Duration {
	if len(t.latencies) == 0 {
		return 0
	}
	return t.latencies[int(fraction*float64(len(t.latencies)-1))].Round(10 * time.Microsecond)
}

// report writes a column for each of the runs, and returns their verdict.
func report(w io.Writer, without, with tally) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, value func(t tally) any) {
		fmt.Fprintf(tw, "%s\t%v\t%v\t\n", name, value(without), value(with))
	}
	fmt.Fprintf(tw, "coalescing\tno\tyes\t\n")
	row("answered (200)", func(t tally) any { return t.statuses[http.StatusOK] })
	row("refused (503)", func(t tally) any { return t.statuses[http.StatusServiceUnavailable] })
	row("too late (504)", func(t tally) any { return t.statuses[http.StatusGatewayTimeout] })
	row("lost", func(t tally) any { return len(t.lost) })
	row("flights left", func(t tally) any { return t.left })
	row("calls of backends", func(t tally) any { return t.calls })
	row("requests per second", func(t tally) any {
		return int(float64(len(t.latencies)) / max(t.took, 1).Seconds())
	})
	for _, q := range []struct {
		name     string
		fraction float64
	}{{"half within", 0.5}, {"90% within", 0.9}, {"99% within", 0.99}, {"all within", 1}} {
		row(q.name, func(t tally) any { return t.quantile(q.fraction) })
	}
	return errors.Join(tw.Flush(), without.verdict(), with.verdict())
}
