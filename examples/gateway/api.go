package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
)

// An api gives a service to the world.
type api struct {
	*service
	timeout  time.Duration
	failures failures
}

// endpoints is all that there is.
const endpoints = `  GET /                              this list
  GET /quote?symbols=A,B,C           the prices, as JSON
  GET /quote?symbols=A,B,C&stream=1  each as soon as it is there, as server-sent events
  GET /debug/                        what the executor is doing, on the listener of -debug
`

// frontHandler is what everybody may ask for.
func (a *api) frontHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", getEndpoints)
	mux.HandleFunc("GET /quote", a.getQuote)
	return mux
}

// debugHandler is for this machine alone: it tells what others ask for, and takes
// time.
func (a *api) debugHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", getEndpoints)
	mux.HandleFunc("GET /debug/", a.getDebug)
	return mux
}

func getEndpoints(w http.ResponseWriter, r *http.Request) { io.WriteString(w, endpoints) }

// getQuote starts everything that is asked for and waits for it. When it returns,
// whatever is not finished has been cancelled: by Await and by Completed.
func (a *api) getQuote(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query() // FormValue would parse the body, to a file if it is large
	symbols, err := parseSymbols(query.Get("symbols"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), a.timeout, future.ErrTimeout)
	defer cancel()
	quotes := make([]future.Future[quote], len(symbols))
	for i, s := range symbols {
		quotes[i] = a.quote(s)
	}
	if query.Get("stream") == "1" {
		a.stream(ctx, w, symbols, quotes)
		return
	}
	all, err := future.Await(ctx, future.All(quotes...))
	if r.Context().Err() != nil {
		return // the client has gone
	}
	if err != nil {
		status := statusOf(err)
		a.failures.report(status, symbols, err)
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		http.Error(w, failureText[status], status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(struct {
		Quotes []quote `json:"quotes"`
	}{all})
}

// stream sends the quotes as they complete, an event each: "quote", or "failure"
// with the status that a request for it alone would have had. The last event is
// "end".
func (a *api) stream(ctx context.Context, w http.ResponseWriter, symbols []string, quotes []future.Future[quote]) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(event string, v any) error {
		data, err := json.Marshal(v)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
		}
		return errors.Join(err, http.NewResponseController(w).Flush())
	}
	for i, r := range future.Completed(ctx, quotes...) {
		var err error
		if r.Err == nil {
			err = send("quote", r.Value)
		} else {
			if context.Cause(ctx) == context.Canceled {
				return // the client has gone
			}
			status := statusOf(r.Err)
			a.failures.report(status, symbols[i:i+1], r.Err)
			err = send("failure", failure{symbols[i], status})
		}
		if err != nil {
			return // the client has gone
		}
	}
	_ = send("end", len(quotes))
}

// A failure is the event of a quote that did not come.
type failure struct {
	Symbol string `json:"symbol"`
	Status int    `json:"status"`
}

// statusOf says in terms of HTTP why there is no quote.
func statusOf(err error) int {
	switch {
	case errors.Is(err, future.ErrTimeout):
		return http.StatusGatewayTimeout
	case errors.Is(err, ants.ErrPoolOverload):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}

// failureText is what a client learns of a failure. The log has the rest: it is about
// servers that are not the client's business.
var failureText = map[int]string{
	http.StatusBadGateway:         "the backends do not agree, or do not answer",
	http.StatusServiceUnavailable: "too many requests, try again later",
	http.StatusGatewayTimeout:     "the backends took too long",
}

// getDebug tells what the service is doing.
func (a *api) getDebug(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "pool: %d of %d workers\nflights: %d\ncalls of backends: %d\n",
		a.pool.Running(), a.pool.Cap(), a.flights.size(), a.calls.Load())
	_ = a.tasks.Dump(w)
}

var symbolList = regexp.MustCompile(`^[A-Z0-9.]{1,8}(,[A-Z0-9.]{1,8}){0,15}$`)

func parseSymbols(list string) ([]string, error) {
	if !symbolList.MatchString(list) {
		return nil, errors.New("symbols must be 1 to 16 symbols with commas between them, each of 1 to 8 of A-Z, 0-9 and '.'")
	}
	return strings.Split(list, ","), nil
}
