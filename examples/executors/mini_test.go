package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-await/await/executor"
)

// An executor that is called small should be.
func TestMiniIsSmall(t *testing.T) {
	src, err := os.ReadFile("mini.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > 50 {
		t.Errorf("mini.go has %d lines", n)
	}
}

// Each worker runs a task, and whoever spawns more than the queue holds is not
// held up.
func TestMini(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMini(2)
		defer m.stop()
		goOn := make(chan struct{})
		var hs []*executor.Handle[int]
		running := make(chan struct{}, 2)
		for range 2 {
			hs = append(hs, spawn(m, func(context.Context) (int, error) {
				running <- struct{}{}
				<-goOn
				return 1, nil
			}))
		}
		synctest.Wait()
		if len(running) != 2 {
			t.Errorf("%d tasks run on 2 workers", len(running))
		}
		for range 2 * cap(m.ready) {
			hs = append(hs, spawn(m, func(context.Context) (int, error) { return 1, nil }))
		}
		close(goOn)
		if n, err := sum(t.Context(), hs); n != len(hs) || err != nil {
			t.Errorf("%d of %d tasks ran, %v", n, len(hs), err)
		}
	})
}
