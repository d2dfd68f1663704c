package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
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
	for name, want := range map[string]string{"answered (200)": all, "refused (503)": "0", "too late (504)": "0", "lost": "0", "flights left": "0"} {
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
	verdict := report(&out, tally{
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
          flights left       3     0
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
	if verdict == nil {
		t.Error("two requests were lost, and it has not failed")
	}
	if err := report(io.Discard, tally{}, tally{left: 3}); err == nil || err.Error() != "3 flights were left" {
		t.Errorf("got %v", err)
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
		{tally{left: 3}, "3 flights were left"},
	} {
		if got := fmt.Sprint(tt.tally.verdict()); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// Under too much load requests are refused or too late, and none is lost.
func TestOverloaded(t *testing.T) {
	l := load{requests: 300, clients: 32, symbols: 20}
	slow := backend(5 * time.Millisecond)
	g := start(t, config{quorum: 2, timeout: 5 * time.Millisecond, workers: 2, queue: 4}, slow, slow, slow)
	got, err := l.measure(t.Context(), g)
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

// A request that gets a wrong answer, or none, is lost.
func TestLost(t *testing.T) {
	right := fmt.Sprintf(`{"quotes":[{"symbol":"A","cents":%d},{"symbol":"B","cents":%d}]}`, priceOf("A"), priceOf("B"))
	for _, tt := range []struct {
		status int
		body   string
		err    string
	}{
		{200, right, "<nil>"},
		{503, "", "<nil>"},
		{504, "", "<nil>"},
		{502, "no", "502 Bad Gateway: no"},
		{200, "", "unexpected end of JSON input"},
		{200, `{"quotes":[{"symbol":"A","cents":1}]}`, fmt.Sprintf("got [{A 1}], want [{A %d} {B %d}]", priceOf("A"), priceOf("B"))},
	} {
		server := httptest.NewServer(says(tt.status, tt.body))
		status, err := get(t.Context(), server.Client(), server.URL, []string{"A", "B"})
		if fmt.Sprint(err) != tt.err || err == nil && status != tt.status {
			t.Errorf("%d %s: got %d, %v, want %s", tt.status, tt.body, status, err, tt.err)
		}
		server.Close()
	}
	// All backends lie: not one answer is right.
	lies := says(200, "1")
	g := start(t, config{quorum: 1}, lies)
	got, err := load{requests: 30, clients: 3, symbols: 5}.measure(t.Context(), g)
	if err != nil || len(got.lost) != 30 || len(got.latencies) != 0 {
		t.Errorf("%v, %d of 30 lost, %d answered", err, len(got.lost), len(got.latencies))
	}
}

// The clients ask for all symbols.
func TestSymbols(t *testing.T) {
	asked := make(map[string]int) // there is one client
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for s := range strings.SplitSeq(r.FormValue("symbols"), ",") {
			asked[s]++
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	n := 0
	next := func() bool { n++; return n <= 2000 }
	got, err := load{symbols: 20}.client(t.Context(), server.Client(), server.URL, 0, next)
	if err != nil || got.statuses[503] != 2000 {
		t.Errorf("%v, %v", got.statuses, err)
	}
	if len(asked) != 20 || asked["S0"] < 10*asked["S19"] {
		t.Errorf("asked for %v, want 20 symbols, of which some are asked for much more often", asked)
	}
}

// What a run leaves behind may take a moment to end, but must end.
func TestLeft(t *testing.T) {
	for _, tt := range []struct {
		reason string
		f      future.Future[struct{}]
		ends   bool
	}{
		{"it has still to unwind", future.After(50 * time.Millisecond), true},
		{"it was forgotten", future.Never[struct{}](), false},
	} {
		g := start(t, config{quorum: 1, timeout: time.Millisecond})
		task := executor.Spawn(g.tasks, tt.f)
		_, err := load{clients: 1}.measure(t.Context(), g)
		if (err == nil) != tt.ends {
			t.Errorf("%s: got %v", tt.reason, err)
		}
		if _, err := future.Await(t.Context(), task); (err == nil) != tt.ends {
			t.Errorf("%s: the task got %v", tt.reason, err)
		}
	}
	g := start(t, config{quorum: 1})
	f := g.flights.join("A", future.Never[quote])
	defer future.Cancel(f)
	if got, err := (load{clients: 1}).measure(t.Context(), g); err != nil || got.left != 1 {
		t.Errorf("%d flights were left, %v, want 1", got.left, err)
	}
}
