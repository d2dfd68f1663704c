package main

import (
	"io"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, main) }

func TestUse(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, statusOK, "the bank has 10000\n100400 transfers of 4 goroutines and 1000 tasks: it has 10000\n", ""},
		{[]string{"-goroutines", "0", "-tasks", "7"}, statusOK, "the bank has 10000\n700 transfers of 0 goroutines and 7 tasks: it has 10000\n", ""},
		{[]string{"-goroutines", "300", "-tasks", "0", "-transfers", "3"}, statusOK, "the bank has 10000\n900 transfers of 300 goroutines and 0 tasks: it has 10000\n", ""},
		{[]string{"-h"}, statusOK, "", "usage: actor"},
		{[]string{"-h"}, statusOK, "", "-transfers N"},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || stdout != tt.stdout || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%v: status %d, %q, %q, want %d, %q and %q", tt.args, status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: actor"); told != (tt.stderr != "") {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
}

// The clients of both kinds make all their transfers.
func TestTransfers(t *testing.T) {
	for _, cfg := range []config{{goroutines: 1, transfers: 3}, {tasks: 1, transfers: 3}} {
		b := openBank(1)
		if err := cfg.run(t.Context(), b, io.Discard); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
		got, err := ask(b.actor, func(as *accounts) (accounts, error) { return *as, nil }).Recv()
		if want := [...]int{100, 98, 97, 102, 100, 100, 103, 100}; err != nil || [len(want)]int(got[:len(want)]) != want {
			t.Errorf("%+v: the accounts have %v, %v, want %v first", cfg, got, err, want)
		}
		b.close()
	}
}

// A run leaves nothing behind: goleak looks.
func TestRun(t *testing.T) {
	var stdout, stderr strings.Builder
	if status := run(t.Context(), []string{"-transfers", "1"}, &stdout, &stderr); status != statusOK || stderr.Len() > 0 {
		t.Errorf("status %d, %s", status, &stderr)
	}
}

// A thief takes one from an account of a bank when the bank says what it has.
type thief struct{ bank }

func (t thief) Write(p []byte) (int, error) {
	_, err := ask(t.actor, func(as *accounts) (int, error) {
		as[3]--
		return as[3], nil
	}).Recv()
	return len(p), err
}

// Money that is lost is noticed.
func TestLostMoney(t *testing.T) {
	b := openBank(2)
	defer b.close()
	err := config{goroutines: 1, transfers: 10}.run(t.Context(), b, thief{b})
	if err == nil || err.Error() != "the bank had 10000 and has 9999" {
		t.Errorf("got %v", err)
	}
}

// A wrong use is told in two lines, whatever it is.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{[]string{"-goroutines", "-1"}, "must not be negative"},
		{[]string{"-tasks", "-1"}, "must not be negative"},
		{[]string{"-transfers", "-1"}, "must not be negative"},
		{[]string{"now"}, `what is "now"?`},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "actor", tt.message)
	}
}
