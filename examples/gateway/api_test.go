package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/program"
	"github.com/go-await/await/future"
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
	if cfg.limits == (limits{}) {
		cfg.limits = defaultLimits
	}
	if cfg.log == nil {
		cfg.log = slog.New(slog.DiscardHandler)
	}
	cfg.debug = "127.0.0.1:0"
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

// A notebook is a writer that may be read meanwhile.
type notebook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notebook) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
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
	res, body := getAll(t, url)
	return res.StatusCode, body
}

// getAll returns an answer of which the body has been read.
func getAll(t *testing.T, url string) (res *http.Response, body string) {
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
	return res, string(b)
}

func TestStatuses(t *testing.T) {
	ten, eleven, broken := says(200, "10"), says(200, "11"), says(500, "")
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("9", 1000))
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	const refusal = "symbols must be 1 to 16 symbols with commas between them, each of 1 to 8 of A-Z, 0-9 and '.'"
	a16 := strings.Repeat("A,", 15) + "A"
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
		{"they do not agree", "A", 2, []http.Handler{ten, eleven}, 502, "A: the backends do not agree"},
		{"not enough are left", "A", 2, []http.Handler{ten, broken}, 502, "500 Internal Server Error"},
		{"not a number", "A", 1, []http.Handler{says(200, "ten")}, 502, "invalid syntax"},
		{"no more is read than a number needs", "A", 1, []http.Handler{endless}, 502, "value out of range"},
		{"no need to wait for one that cannot help", "A", 3, []http.Handler{broken, broken, newHeld(), newHeld()}, 502, "500 Internal Server Error"},
		{"as long as may be", "ABCDEF.8,ABCDEF.8", 1, []http.Handler{ten}, 200, `{"quotes":[{"symbol":"ABCDEF.8","cents":10},{"symbol":"ABCDEF.8","cents":10}]}`},
		{"as many as may be", a16, 1, []http.Handler{ten}, 200, `{"symbol":"A","cents":10}]}`},
		{"no symbol", "", 1, []http.Handler{ten}, 400, refusal},
		{"not a symbol", "A,b", 1, []http.Handler{ten}, 400, refusal},
		{"the first too long", "ABCDEF.89", 1, []http.Handler{ten}, 400, refusal},
		{"the second too long", "A,ABCDEF.89", 1, []http.Handler{ten}, 400, refusal},
		{"too many", a16 + ",A", 1, []http.Handler{ten}, 400, refusal},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			var log notebook
			g := start(t, config{quorum: tt.quorum, log: slog.New(slog.NewTextHandler(&log, nil))}, tt.backends...)
			res, body := getAll(t, g.url()+"/quote?symbols="+tt.symbols)
			if tt.status == 502 { // the client learns that much, and the log why
				if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, tt.body) || !strings.Contains(got, "status=502 symbols="+tt.symbols) {
					t.Errorf("the log has %q, want a line with %q", got, tt.body)
				}
				tt.body = "the backends do not agree, or do not answer"
			} else if got := log.String(); got != "" {
				t.Errorf("the log has %q", got)
			}
			if tt.status != 200 {
				body = "\n" + body // it is the whole text
				tt.body = "\n" + tt.body
			}
			if res.StatusCode != tt.status || !strings.HasSuffix(body, tt.body+"\n") {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, body, tt.status, tt.body)
			}
			kind := "text/plain; charset=utf-8"
			if tt.status == 200 {
				kind = "application/json"
			}
			if got := res.Header.Get("Content-Type"); got != kind {
				t.Errorf("it is %s, want %s", got, kind)
			}
			if again := res.Header.Get("Retry-After"); again != "" {
				t.Errorf("nobody need ask again, but %s", again)
			}
		})
	}
}

// A question is no order.
func TestMethod(t *testing.T) {
	g := start(t, config{quorum: 1}, says(200, "10"))
	res, err := http.PostForm(g.url()+"/quote", url.Values{"symbols": {"A"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("got %s", res.Status)
	}
}

// The backends are asked for what was asked for, whatever it is.
func TestOddSymbol(t *testing.T) {
	backend := newHeld()
	g := start(t, config{quorum: 1}, backend)
	backend.let <- "10"
	const odd = "A&B =%+"
	if q, err := future.Await(t.Context(), g.quote(odd)); err != nil || q != (quote{odd, 10}) {
		t.Errorf("got %v, %v", q, err)
	}
	if got := <-backend.came; got != odd {
		t.Errorf("the backend was asked for %q", got)
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
	if status, body := getString(t, g.url()+"/quote?symbols=A"); status != 504 || body != "the backends took too long\n" {
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
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode == 503 && string(body) != "too many requests, try again later\n" {
			t.Errorf("got %q", body)
		}
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
	if got := res.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("it may be stored: %q", got)
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
	_, body := getString(t, g.url()+"/quote?stream=1&symbols=FAST,BAD") // in either order
	for _, want := range []string{"event: quote\ndata: {\"symbol\":\"FAST\",\"cents\":10}\n\n", "event: failure\ndata: {\"symbol\":\"BAD\",\"status\":502}\n\n"} {
		if !strings.Contains(body, want) || !strings.HasSuffix(body, "\n\nevent: end\ndata: 2\n\n") {
			t.Errorf("got %q, want %q in it", body, want)
		}
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
		if _, body := getString(t, g.debug.url+"/debug/"); !strings.Contains(body, want) {
			t.Errorf("got %s, want %q in it", body, want)
		}
	}
	slow.let <- "10"
	if status := <-done; status != 200 {
		t.Errorf("got %d", status)
	}
	if _, body := getString(t, g.debug.url+"/debug/"); !strings.Contains(body, "flights: 0\n") || strings.Contains(body, "quote A") {
		t.Errorf("got %s", body)
	}
}

// The debug page is for this machine alone: the front does not have it.
func TestDebugIsElsewhere(t *testing.T) {
	g := start(t, config{quorum: 1}, says(200, "10"))
	if status, body := getString(t, g.url()+"/debug/"); status != 404 {
		t.Errorf("the front has a debug page: %d %s", status, body)
	}
	if status, _ := getString(t, g.debug.url+"/quote?symbols=A"); status != 404 {
		t.Errorf("the debug listener has quotes: %d", status)
	}
}

// The first page of both servers, and -h, name every endpoint.
func TestEndpoints(t *testing.T) {
	g := start(t, config{quorum: 1}, says(200, "10"))
	_, help, _ := program.Run(t, program.Command(t, "-h"))
	_, front := getString(t, g.url()+"/")
	_, onDebug := getString(t, g.debug.url+"/")
	for where, text := range map[string]string{"-h": help, "/": front, "/ of the debug listener": onDebug} {
		for _, want := range []string{"GET / ", "GET /quote?symbols=A,B,C ", "GET /quote?symbols=A,B,C&stream=1 ", "GET /debug/ "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got %q, want %q in it", where, text, want)
			}
		}
	}
	if status, _ := getString(t, g.url()+"/nothing"); status != 404 {
		t.Errorf("another page: %d, want 404", status)
	}
}

// A question has no form: its body is not parsed, which might write it to a file.
func TestBodyIsNotParsed(t *testing.T) {
	g := start(t, config{quorum: 1}, says(200, "10"))
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("symbols", "A")
	form.Close()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/quote", &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	g.getQuote(w, req)
	if w.Code != 400 || req.MultipartForm != nil || req.Form != nil {
		t.Errorf("got %d, and a form: %v, %v", w.Code, req.MultipartForm, req.Form)
	}
}

// Of failures of one kind a line a second is logged, with how many were left out.
func TestFailuresAreLoggedInModeration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log notebook
		f := failures{log: slog.New(slog.NewTextHandler(&log, nil))}
		for range 2500 {
			f.report(502, []string{"A"}, errNoQuorum)
			f.report(503, []string{"A", "B"}, ants.ErrPoolOverload)
			time.Sleep(time.Millisecond)
		}
		got := log.String()
		if lines := strings.Count(got, "\n"); lines != 6 || strings.Count(got, "left_out=999") != 4 || len(got) > 2000 {
			t.Errorf("%d lines, want 3 of each kind, of which 2 leave out 999:\n%s", lines, got)
		}
	})
}

// A client that has gone is no failure.
func TestGoneIsNotLogged(t *testing.T) {
	slow := newHeld()
	var log notebook
	g := start(t, config{quorum: 1, log: slog.New(slog.NewTextHandler(&log, nil))}, slow)
	for _, query := range []string{"/quote?symbols=A", "/quote?symbols=A&stream=1"} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-slow.came
			cancel()
		}()
		g.getQuote(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, query, nil))
	}
	if got := log.String(); got != "" {
		t.Errorf("got %q", got)
	}
}
