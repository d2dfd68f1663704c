package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start starts a gateway with these backends.
func start(t *testing.T, cfg config, backends ...http.Handler) *gateway {
	t.Helper()
	cfg.addr, cfg.coalesce = "127.0.0.1:0", true
	if cfg.timeout == 0 {
		cfg.timeout = 10 * time.Second // for what is never to be too late
	}
	if cfg.workers == 0 {
		cfg.workers, cfg.queue = 100, 100
	}
	g, err := newGateway(cfg, backends)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := g.close(); err != nil {
			t.Error(err)
		}
		if n := g.flights.size(); n != 0 {
			t.Errorf("%d flights were left", n)
		}
	})
	return g
}

// says is a backend that always says the same.
func says(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

// A held backend says nothing until it is let go, and notes who comes and who
// goes away without an answer.
type held struct {
	came, left, let chan string
}

func newHeld() *held {
	return &held{make(chan string, 100), make(chan string, 100), make(chan string, 100)}
}

func (h *held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	symbol := r.FormValue("symbol")
	h.came <- symbol
	select {
	case body := <-h.let:
		io.WriteString(w, body)
	case <-r.Context().Done():
		h.left <- symbol
	}
}

// gone waits for somebody to go away. It lets others go on that did not.
func (h *held) gone(t *testing.T) {
	t.Helper()
	select {
	case <-h.left:
	case <-time.After(10 * time.Second):
		t.Error("the backend was not told")
		close(h.let)
	}
}

func getString(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestStatuses(t *testing.T) {
	ten, eleven, broken := says(200, "10"), says(200, "11"), says(500, "")
	for _, tt := range []struct {
		reason   string
		symbols  string
		quorum   int
		backends []http.Handler
		status   int
		body     string
	}{
		{"all agree", "A", 2, []http.Handler{ten, ten}, 200, `{"quotes":[{"symbol":"A","cents":10}]}`},
		{"the order is that of the request", "B,A", 1, []http.Handler{ten}, 200, `{"quotes":[{"symbol":"B","cents":10},{"symbol":"A","cents":10}]}`},
		{"the same twice is asked for once, and answered twice", "A,A", 1, []http.Handler{ten}, 200, `{"quotes":[{"symbol":"A","cents":10},{"symbol":"A","cents":10}]}`},
		{"one may lie", "A", 2, []http.Handler{ten, eleven, ten}, 200, `{"quotes":[{"symbol":"A","cents":10}]}`},
		{"one may fail", "A", 2, []http.Handler{ten, broken, ten}, 200, `{"quotes":[{"symbol":"A","cents":10}]}`},
		{"they do not agree", "A", 2, []http.Handler{ten, eleven}, 502, "do not agree"},
		{"not enough are left", "A", 2, []http.Handler{ten, broken}, 502, "500 Internal Server Error"},
		{"not a number", "A", 1, []http.Handler{says(200, "ten")}, 502, "invalid syntax"},
		{"no need to wait for one that cannot help", "A", 3, []http.Handler{broken, broken, newHeld(), newHeld()}, 502, "do not agree"},
		{"no symbol", "", 1, []http.Handler{ten}, 400, "symbols must be"},
		{"not a symbol", "A,b", 1, []http.Handler{ten}, 400, "symbols must be"},
		{"too many", strings.Repeat("A,", 16) + "A", 1, []http.Handler{ten}, 400, "symbols must be"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			g := start(t, config{quorum: tt.quorum}, tt.backends...)
			status, body := getString(t, g.url()+"/quote?symbols="+tt.symbols)
			if status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("got %d %s, want %d %s", status, body, tt.status, tt.body)
			}
		})
	}
}

// The answer does not wait for the slowest, which learns that it has lost.
func TestLosersAreCancelled(t *testing.T) {
	fast, slow := newHeld(), newHeld()
	g := start(t, config{quorum: 2}, fast, slow, fast)
	go func() {
		<-slow.came
		fast.let <- "10"
		fast.let <- "10"
	}()
	if status, body := getString(t, g.url()+"/quote?symbols=A"); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	slow.gone(t)
}

func TestTimeout(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1, timeout: 20 * time.Millisecond}, slow)
	if status, body := getString(t, g.url()+"/quote?symbols=A"); status != 504 {
		t.Errorf("got %d %s, want 504", status, body)
	}
	<-slow.came
	slow.gone(t)
}

// Who goes away ends what was done for nobody else, long before it is too late.
func TestClientGoesAway(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1, timeout: time.Hour}, slow)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url()+"/quote?symbols=A", nil)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			t.Errorf("got an answer: %s", res.Status)
		}
	}()
	<-slow.came
	cancel()
	<-gone
	slow.gone(t)
}

// When all workers are busy and the queue is full there is an answer at once.
func TestOverload(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1, workers: 1, queue: 1}, slow)
	answers := make(chan string)
	ask := func(symbol string) {
		res, err := http.Get(g.url() + "/quote?symbols=" + symbol)
		if err != nil {
			answers <- err.Error()
			return
		}
		res.Body.Close()
		answers <- fmt.Sprint(symbol, res.StatusCode, res.Header.Get("Retry-After"))
	}
	go ask("A")
	<-slow.came // A has the worker
	go ask("B")
	go ask("C")
	first := <-answers // B or C, whichever came later
	if first != "B5031" && first != "C5031" {
		t.Errorf("got %s, want B or C with 503 and Retry-After 1", first)
	}
	slow.let <- "10"
	slow.let <- "10"
	for range 2 {
		if a := <-answers; a[1:] != "200" {
			t.Errorf("got %s, want 200", a)
		}
	}
}

// Events come as soon as there is something to tell.
func TestStream(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("symbol") {
		case "SLOW":
			slow.ServeHTTP(w, r)
		case "BAD":
			http.Error(w, "", 500)
		default:
			io.WriteString(w, "10")
		}
	}))
	res, err := http.Get(g.url() + "/quote?stream=1&symbols=SLOW,FAST")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("it is %s", got)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		lines.Scan()
		return lines.Text()
	}
	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if got := next(); got != w {
				t.Errorf("got %q, want %q", got, w)
			}
		}
	}
	expect("event: quote", `data: {"symbol":"FAST","cents":10}`, "")
	<-slow.came
	slow.let <- "11" // not before the client has seen the first
	expect("event: quote", `data: {"symbol":"SLOW","cents":11}`, "")
	expect("event: end", "data: 2", "")
	if lines.Scan() {
		t.Errorf("and then %q", lines.Text())
	}
	if _, body := getString(t, g.url()+"/quote?stream=1&symbols=BAD"); !strings.HasPrefix(body, "event: failure\ndata: {\"symbol\":\"BAD\",\"status\":502}\n\nevent: end\n") {
		t.Errorf("got %q", body)
	}
}

// What is too late is told for each symbol.
func TestStreamTimeout(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1, timeout: 20 * time.Millisecond}, slow)
	const want = "event: failure\ndata: {\"symbol\":\"A\",\"status\":504}\n\nevent: end\ndata: 1\n\n"
	if status, body := getString(t, g.url()+"/quote?stream=1&symbols=A"); status != 200 || body != want {
		t.Errorf("got %d %q, want %q", status, body, want)
	}
}

// The executor's page names the tasks and says where they wait.
func TestDebug(t *testing.T) {
	slow := newHeld()
	g := start(t, config{quorum: 1}, slow)
	done := make(chan int)
	go func() {
		status, _ := getString(t, g.url()+"/quote?symbols=A")
		done <- status
	}()
	<-slow.came
	for _, want := range []string{"pool: 1 of 100 workers\nflights: 1\ncalls of backends: 1\n", "executor gateway: live 1", ` "quote A": `} {
		if _, body := getString(t, g.url()+"/debug/"); !strings.Contains(body, want) {
			t.Errorf("got %s, want %q in it", body, want)
		}
	}
	slow.let <- "10"
	if status := <-done; status != 200 {
		t.Errorf("got %d", status)
	}
	if _, body := getString(t, g.url()+"/debug/"); !strings.Contains(body, "flights: 0\n") || strings.Contains(body, "quote A") {
		t.Errorf("got %s", body)
	}
}
