package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var fullLoad = flag.Int("gateway.load", 0, "how many requests the load test sends, if not the default")

// Every request is answered, once and correctly, and nothing is left: goleak has
// the last word. Coalescing saves calls.
func TestLoad(t *testing.T) {
	requests := 2000
	if testing.Short() {
		requests = 200
	}
	if *fullLoad > 0 {
		requests = *fullLoad
	}
	var out, errs strings.Builder
	status := run(t.Context(), []string{"-load", strconv.Itoa(requests), "-backends", "3", "-quorum", "2", "-delay", "2ms", "-timeout", "1m"}, &out, &errs)
	t.Log(out.String())
	if status != statusOK || errs.Len() > 0 {
		t.Fatalf("status %d, %s", status, errs.String())
	}
	cell := func(name string) []string {
		for l := range strings.Lines(out.String()) {
			if values, ok := strings.CutPrefix(strings.TrimSpace(l), name); ok {
				return strings.Fields(values)
			}
		}
		t.Fatalf("no line %q", name)
		return nil
	}
	all := strconv.Itoa(requests)
	for name, want := range map[string]string{"answered (200)": all, "refused (503)": "0", "too late (504)": "0", "lost": "0", "tasks left": "0"} {
		if got := cell(name); got[0] != want || got[1] != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
	calls := cell("calls of backends")
	without, _ := strconv.Atoi(calls[0])
	with, _ := strconv.Atoi(calls[1])
	// Both symbols of a request are mostly the same.
	if without < 2*2*requests || with >= without {
		t.Errorf("%d calls without coalescing, %d with it", without, with)
	}
}

// The table says all that there is to know about the two runs.
func TestTable(t *testing.T) {
	var latencies []time.Duration
	for i := range 101 {
		latencies = append(latencies, time.Duration(i)*time.Millisecond)
	}
	var out strings.Builder
	print(&out, tally{
		statuses:  map[int]int{200: 90, 503: 7, 504: 4},
		lost:      make([]error, 2),
		latencies: latencies,
		took:      2 * time.Second,
		calls:     1000,
		left:      3,
	}, tally{})
	const want = `
            coalescing      no   yes
        answered (200)      90     0
         refused (503)       7     0
        too late (504)       4     0
                  lost       2     0
            tasks left       3     0
     calls of backends    1000     0
   requests per second      50     0
           half within    50ms    0s
            90% within    90ms    0s
            99% within    99ms    0s
            all within   100ms    0s
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A run in which something went missing or was left has failed.
func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		tally tally
		want  string
	}{
		{tally{}, "<nil>"},
		{tally{statuses: map[int]int{200: 1, 503: 1, 504: 1}}, "<nil>"},
		{tally{lost: []error{io.EOF, io.ErrClosedPipe}}, "2 requests were lost, the first with: EOF"},
		{tally{left: 3}, "3 tasks and flights were left"},
	} {
		if got := fmt.Sprint(tt.tally.verdict()); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// Under too much load requests are refused or too late, and none is lost.
func TestOverloaded(t *testing.T) {
	l := load{requests: 300, clients: 32, symbols: 20}
	cfg := config{addr: "127.0.0.1:0", backends: 3, quorum: 2, delay: 5 * time.Millisecond, timeout: 5 * time.Millisecond, workers: 2, queue: 4}
	got, err := l.measure(t.Context(), cfg)
	if err != nil || got.verdict() != nil {
		t.Fatal(err, got.verdict())
	}
	sum := 0
	for _, n := range got.statuses {
		sum += n
	}
	if !slices.IsSorted(got.latencies) || len(got.latencies) != l.requests {
		t.Errorf("%d latencies, not sorted: %v", len(got.latencies), got.latencies)
	}
	if sum != l.requests || got.statuses[http.StatusServiceUnavailable] == 0 {
		t.Errorf("got %v of %d requests, want some with 503", got.statuses, l.requests)
	}
}
