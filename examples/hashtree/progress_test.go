package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The line says how far it is, in figures that people read, and the bar by bytes:
// a large file is more than a small one.
func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		done, found, bytes, total int64
		columns                   int
		want, reason              string
	}{
		{0, 0, 0, 0, 79, "[" + strings.Repeat("-", 30) + "] 0 of 0 files, 0 of 0 MB, 0 MB/s", "nothing was found yet"},
		{47, 48, 250e6, 1000e6, 79, "[#######" + strings.Repeat("-", 23) + "] 47 of 48 files, 250 of 1000 MB, 125 MB/s", "a quarter, in two seconds"},
		{20, 20, 3e9, 3e9, 79, "[" + strings.Repeat("#", 30) + "] 20 of 20 files, 3000 of 3000 MB, 1500 MB/s", "all"},
		{0, 1, 30, 20, 79, "[" + strings.Repeat("#", 30) + "] 0 of 1 files, 0 of 0 MB, 0 MB/s", "a file that grows"},
		{20, 20, 0, 0, 79, "[" + strings.Repeat("#", 30) + "] 20 of 20 files, 0 of 0 MB, 0 MB/s", "empty files"},
		{47, 48, 250e6, 1000e6, 55, "[###---------] 47 of 48 files, 250 of 1000 MB, 125 MB/s", "the bar is shorter"},
		{47, 48, 250e6, 1000e6, 49, "[#####" + strings.Repeat("-", 17) + "] 250 of 1000 MB, 125 MB/s", "the files have no room"},
		{47, 48, 250e6, 1000e6, 30, "[###-----------] 25%, 125 MB/s", "nor have the sizes"},
		{47, 48, 250e6, 1000e6, 19, "[###----------] 25%", "20 columns"},
		{20, 20, 3e9, 3e9, 19, "[############] 100%", "20 columns in the end"},
		{47, 48, 250e6, 1000e6, 5, "25%", "no room for a bar"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := stats{start: time.Now()}
			time.Sleep(2 * time.Second)
			s.found.Store(tt.found)
			s.done.Store(tt.done)
			s.bytes.Store(tt.bytes)
			s.total.Store(tt.total)
			if got := s.progress(tt.columns); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.reason, got, tt.want)
			}
		})
	}
}

// The line fits, however wide the terminal is.
func TestProgressFits(t *testing.T) {
	s := stats{start: time.Now().Add(-time.Second)}
	for _, n := range []int64{0, 1, 1e3, 1e9, 1e15} {
		s.found.Store(n)
		s.done.Store(n / 2)
		s.total.Store(n)
		s.bytes.Store(n / 3)
		for columns := 19; columns < 200; columns++ {
			if got := s.progress(columns); len(got) > columns || !strings.HasPrefix(got, "[") || !strings.Contains(got, "] ") {
				t.Fatalf("%d columns: got %q, %d wide", columns, got, len(got))
			}
		}
	}
}

// In the end the total is what was read, whatever was expected of the files.
func TestTotal(t *testing.T) {
	j, _, release := newHeldJob(t)
	dir := t.TempDir()
	write(t, dir, "grown", "12345")
	write(t, dir, "shrunk", "1")
	var all []string
	for path, size := range map[string]int64{"grown": 1, "shrunk": 10, "gone": 100} {
		f := j.file(entry{path: dir + "/" + path, size: size})
		defer func() {
			if _, _, err := f.Poll(nil); err != nil {
				t.Error(err)
			}
		}()
		all = append(all, path)
	}
	if got := j.stats.total.Load(); got != 111 {
		t.Errorf("%d bytes are to be read, want 111", got)
	}
	release()
	for j.stats.done.Load() < int64(len(all)) {
		time.Sleep(time.Millisecond)
	}
	if got, want := fmt.Sprint(j.stats.total.Load(), j.stats.bytes.Load()), "6 6"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
