package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-await/await/future"
)

// backend returns a handler that knows all prices, and takes mean on average to
// remember one. As elsewhere, some of its answers take much longer than most.
func backend(mean time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		delay := time.Duration(rand.ExpFloat64() * float64(mean))
		if _, err := future.Await(r.Context(), future.After(delay)); err != nil {
			return // nobody is waiting any more
		}
		fmt.Fprintln(w, priceOf(r.URL.Query().Get("symbol")))
	})
}

// handlers are the backends that the command line asks for.
func (cfg config) handlers() []http.Handler {
	return slices.Repeat([]http.Handler{backend(cfg.delay)}, cfg.backends)
}

// priceOf is the price of a symbol, in cents.
func priceOf(symbol string) int64 {
	h := fnv.New32a()
	io.WriteString(h, symbol)
	return int64(h.Sum32()%100_000) + 1
}

// fetch asks the backend at base.
func fetch(ctx context.Context, c *http.Client, base, symbol string) (cents int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/?symbol="+url.QueryEscape(symbol), nil)
	if err != nil {
		return 0, err
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 100))
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", base, res.Status)
	}
	return strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
}
