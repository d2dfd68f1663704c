package main

import (
	"context"
	"log/slog"
	"maps"
	"sync"
)

// lostMessage is what the executor logs of a task that failed and is not awaited.
const lostMessage = "task failed, and its result is not awaited"

// maxLostRecords is how many records with lostMessage a run may log. A run of 30 s has some
// 8,000 such tasks, and logs 4 records: each executor logs one in ten seconds of those that
// are alike. See lost.
const maxLostRecords = 1_000

// A counter is a slog.Handler that counts records by their messages, and writes none.
type counter struct{ counts *counts }

type counts struct {
	mu sync.Mutex
	by map[string]int
}

func newCounter() counter { return counter{&counts{by: map[string]int{}}} }

func (c counter) Enabled(context.Context, slog.Level) bool { return true }
func (c counter) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c counter) WithGroup(string) slog.Handler            { return c }

func (c counter) Handle(_ context.Context, r slog.Record) error {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	c.counts.by[r.Message]++
	return nil
}

// messages returns how many records each message has.
func (c counter) messages() map[string]int {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return maps.Clone(c.counts.by)
}
