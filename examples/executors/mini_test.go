package main

import (
	"os"
	"strings"
	"testing"
)

// An executor that is called small should be.
func TestMiniIsSmall(t *testing.T) {
	src, err := os.ReadFile("mini.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > 40 {
		t.Errorf("mini.go has %d lines", n)
	}
}
