package main

import (
	"strings"
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/program"
)

// The default pool of ants has two goroutines, which are ended so that none need be
// ignored.
func TestMain(m *testing.M) { program.Main(m, main, ants.Release) }

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"-h"}, statusOK, "usage: gateway"},
		{[]string{"-h"}, statusOK, "-workers N"},
		{[]string{"-addr", "256.0.0.0:1"}, statusFailed, "gateway: "},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || stdout != "" || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%v: status %d, %q, want %d and %q", tt.args, status, stderr, tt.status, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: gateway"); told != (tt.status != statusFailed) {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{[]string{"-quorum", "6", "-addr", "256.0.0.0:1"}, "-quorum must be"},
		{[]string{"-quorum", "0", "-addr", "256.0.0.0:1"}, "-quorum must be"},
		{[]string{"-workers", "0"}, "must be positive"},
		{[]string{"-queue", "0", "-addr", "256.0.0.0:1"}, "must be positive"},
		{[]string{"-clients", "0", "-addr", "256.0.0.0:1"}, "must be positive"},
		{[]string{"-symbols", "0", "-addr", "256.0.0.0:1"}, "must be positive"},
		{[]string{"-timeout", "0"}, "-timeout must be"},
		{[]string{"-delay", "-1s", "-addr", "256.0.0.0:1"}, "-delay and -load not negative"},
		{[]string{"-load", "-1", "-addr", "256.0.0.0:1"}, "-delay and -load not negative"},
		{[]string{"-debug", "0.0.0.0:1"}, "-debug must be on loopback"},
		{[]string{"-debug", ":1"}, "-debug must be on loopback"},
		{[]string{"-debug", "example.org:1"}, "-debug must be on loopback"},
		{[]string{"-debug", "127.0.0.1"}, "-debug must be on loopback"},
		{[]string{"serve"}, `what is "serve"?`},
		{[]string{"-nonsense"}, "-nonsense"},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "gateway", tt.message)
	}
}
