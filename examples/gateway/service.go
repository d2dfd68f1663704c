package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A service finds out what things cost.
type service struct {
	backends []string // their URLs
	quorum   int
	coalesce bool
	client   *http.Client
	pool     *ants.Pool // calls the backends
	tasks    *executor.Executor
	flights  flights[string, quote]
	calls    atomic.Int64 // of backends, so far
}

// A quote is a price that a quorum of backends agrees on.
type quote struct {
	Symbol string `json:"symbol"`
	Cents  int64  `json:"cents"`
}

var errNoQuorum = errors.New("the backends do not agree")

// quote returns a future of a symbol's price. It does not block.
func (s *service) quote(symbol string) future.Future[quote] {
	launch := func() future.Future[quote] {
		return executor.Go(s.tasks, func(ctx context.Context) (quote, error) { return s.ask(ctx, symbol) },
			executor.TaskName("quote "+symbol))
	}
	if !s.coalesce {
		return launch()
	}
	return s.flights.join(symbol, launch)
}

// ask asks all backends and returns as soon as enough of them agree, or cannot
// agree any more. Leaving the loop cancels the calls that are out: they end if
// they have begun, and do not begin if they have not.
func (s *service) ask(ctx context.Context, symbol string) (quote, error) {
	votes, most, left := make(map[int64]int), 0, len(s.backends)
	problems := []error{errNoQuorum}
	for _, r := range future.Completed(ctx, s.callAll(ctx, symbol)...) {
		left--
		if r.Err != nil {
			problems = append(problems, r.Err)
		} else {
			votes[r.Value]++
			most = max(most, votes[r.Value])
			if most == s.quorum {
				return quote{symbol, r.Value}, nil
			}
		}
		if most+left < s.quorum {
			break
		}
	}
	return quote{}, fmt.Errorf("%s: %w", symbol, errors.Join(problems...))
}

// callAll has the pool call every backend.
func (s *service) callAll(ctx context.Context, symbol string) []future.Future[int64] {
	calls := make([]future.Future[int64], len(s.backends))
	for i, base := range s.backends {
		calls[i] = antsx.SubmitContext(ctx, s.pool, func(ctx context.Context) (int64, error) {
			s.calls.Add(1)
			return fetch(ctx, s.client, base, symbol)
		})
	}
	return calls
}
