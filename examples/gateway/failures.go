package main

import (
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Failures logs why requests have failed: of each status a line a second at most,
// with the number of those that were left out since the last one. Its methods may be
// called by several goroutines at once.
type failures struct {
	log *slog.Logger

	mu   sync.Mutex
	seen map[int]*seenFailure // by status
}

type seenFailure struct {
	logged  time.Time // the last one that was
	leftOut int       // since then
}

// failureInterval is the time between two lines of one status.
const failureInterval = time.Second

// report logs that a request for these symbols got status because of err.
func (f *failures) report(status int, symbols []string, err error) {
	if leftOut, due := f.due(status, time.Now()); due {
		f.log.Warn("request failed", "status", status, "symbols", strings.Join(symbols, ","), "err", err, "left_out", leftOut)
	}
}

// due reports whether a failure is to be logged, and how many were not.
func (f *failures) due(status int, now time.Time) (leftOut int, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.seen[status]
	switch {
	case s == nil:
		if f.seen == nil {
			f.seen = make(map[int]*seenFailure)
		}
		f.seen[status] = &seenFailure{logged: now}
		return 0, true
	case now.Sub(s.logged) < failureInterval:
		s.leftOut++
		return 0, false
	}
	leftOut = s.leftOut
	*s = seenFailure{logged: now}
	return leftOut, true
}
