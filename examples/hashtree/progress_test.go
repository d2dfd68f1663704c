package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The line says how far it is, in figures that people read.
func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		done, found, bytes int64
		want, reason       string
	}{
		{0, 0, 0, "[" + strings.Repeat("-", 30) + "] 0 of 0 files, 0 MB, 0 MB/s", "nothing was found yet"},
		{12, 48, 250e6, "[#######" + strings.Repeat("-", 23) + "] 12 of 48 files, 250 MB, 125 MB/s", "a quarter, in two seconds"},
		{20, 20, 3e9, "[" + strings.Repeat("#", 30) + "] 20 of 20 files, 3000 MB, 1500 MB/s", "all"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := stats{start: time.Now()}
			time.Sleep(2 * time.Second)
			s.found.Store(tt.found)
			s.done.Store(tt.done)
			s.bytes.Store(tt.bytes)
			if got := s.progress(); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.reason, got, tt.want)
			}
		})
	}
}
