package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// A backend takes as long as it is told, on average, and does not go on for
// somebody who has gone away.
func TestBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/?symbol=A", nil)
		mine := backend(time.Second)
		start := time.Now()
		for range 1000 {
			w := httptest.NewRecorder()
			if mine.ServeHTTP(w, req); w.Body.String() != "18413\n" {
				t.Fatalf("got %q", w.Body)
			}
		}
		if mean := time.Since(start) / 1000; mean < 800*time.Millisecond || mean > 1200*time.Millisecond {
			t.Errorf("it takes %v", mean)
		}
		cancel()
		w := httptest.NewRecorder()
		if mine.ServeHTTP(w, req); w.Body.Len() > 0 {
			t.Errorf("nobody hears %q", w.Body)
		}
	})
}

func TestHandlers(t *testing.T) {
	if n := len(config{backends: 5, quorum: 3}.handlers()); n != 5 {
		t.Errorf("%d backends", n)
	}
}
