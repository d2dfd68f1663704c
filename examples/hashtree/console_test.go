package main

import (
	"strings"
	"testing"
)

// The progress line is removed before anything else is written, and once.
func TestConsole(t *testing.T) {
	var w strings.Builder
	c := &console{w: &w, fd: -1}
	const drawn, removed = "\rhalf\x1b[K", "\r\x1b[K"
	for _, tt := range []struct {
		reason string
		do     func()
		want   string
	}{
		{"a message", func() { c.message("%d", 1) }, drawn + removed + "hashtree: 1\n"},
		{"output", func() { c.output(&w, []byte("2\n")) }, drawn + removed + "2\n"},
		{"the end", c.clear, drawn + removed},
	} {
		w.Reset()
		c.draw("half")
		tt.do()
		c.clear()
		if got := w.String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.reason, got, tt.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ path, want, reason string }{
		{"dir/été", "dir/été", "it is seen as it is"},
		{"", `""`, "or nothing would be seen"},
		{"new\nline", `"new\nline"`, "a message is a line"},
		{"bad\xff", `"bad\xff"`, "not UTF-8"},
	} {
		if got := printable(tt.path); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.reason, got, tt.want)
		}
	}
}
