package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, main) }

var times = regexp.MustCompile(`, in (\d[\d.mµs]*s)\b`)

// timeless is what was printed without the times. What is no duration stays.
func timeless(printed string) string {
	return times.ReplaceAllStringFunc(printed, func(s string) string {
		if _, err := time.ParseDuration(times.FindStringSubmatch(s)[1]); err != nil {
			return s
		}
		return ", in TIME"
	})
}

// printed is what a run prints, but for the times.
func printed(goroutines, tasks, transfers int) string {
	return fmt.Sprintf(`the bank has 10000 in 100 accounts
%d goroutines, which block while they await a reply, made %d transfers, in TIME
%d tasks, which are suspended meanwhile, made %d transfers, in TIME
a request panicked and got the panic as its reply, in TIME: the vault is empty
the bank was busy, took %d requests and refused one, in TIME: the actor has too many requests
%d of their clients went away, and their requests were skipped, in TIME
the bank still has 10000
`, goroutines, goroutines*transfers, tasks, tasks*transfers, goroutines+tasks+1, goroutines+tasks)
}

func TestUse(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, statusOK, printed(4, 1000, 100), ""},
		{[]string{"-goroutines", "0", "-tasks", "7"}, statusOK, printed(0, 7, 100), ""},
		{[]string{"-goroutines", "300", "-tasks", "0", "-transfers", "3"}, statusOK, printed(300, 0, 3), ""},
		{[]string{"-h"}, statusOK, "", "usage: actor"},
		{[]string{"-h"}, statusOK, "", "-transfers N"},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || timeless(stdout) != tt.stdout || !strings.Contains(stderr, tt.stderr) {
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

// A thief takes one from an account of a bank when the bank first says what it has.
type thief struct {
	bank
	stolen bool
}

func (t *thief) Write(p []byte) (int, error) {
	if t.stolen {
		return len(p), nil
	}
	t.stolen = true
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
	err := config{goroutines: 1, transfers: 10}.run(t.Context(), b, &thief{bank: b})
	if err == nil || err.Error() != "the bank had 10000 and has 9999" {
		t.Errorf("got %v", err)
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
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
