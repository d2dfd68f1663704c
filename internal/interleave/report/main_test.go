package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const output = `{"Action":"start","Package":"x/y/p"}
{"Action":"output","Package":"x/y/p","Test":"TestModelPairs/A_b/C","Output":"    m_test.go:1: interleave: 12 interleavings, 3 executions, 2 states, at most 9 steps\n"}
{"Action":"output","Package":"x/y/p","Test":"TestModelPairs/A_b/D","Output":"    m_test.go:1: interleave: 1.5e+09 interleavings, 3 executions, 2 states, at most 9 steps and 2 preemptions\n"}
{"Action":"output","Package":"x/y/p","Test":"TestModelOne","Output":"    m_test.go:1: interleave: 1 interleavings, 1 executions, 0 states, at most 9 steps\n"}
{"Action":"output","Package":"x/y/p","Test":"TestModelBugs/no_look","Output":"    planted.go:5: caught by TestModelPairs/A_b/C: deadlock: every: goroutine (b2)\n"}
{"Action":"pass","Package":"x/y/p"}
`

const want = `before
<!-- models -->

| package | models | interleavings | executions | states | bugs caught |
|---|--:|--:|--:|--:|--:|
| p | 3 | 1.5e+09 | 7 | 4 | 1 |

### x/y/p

| model | interleavings | executions | states |
|---|--:|--:|--:|
| TestModelOne | 1 | 1 | 0 |

TestModelPairs

| | C | D |
|---|--:|--:|
| A b | 12 | 1.5e+09 ≤2 |

TestModelBugs

| bug | caught by | as |
|---|---|---|
| no look | TestModelPairs/A b/C | deadlock |

<!-- /models -->
after
`

func TestUpdate(t *testing.T) {
	packages, err := read(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(file, []byte("before\n<!-- models -->\nold\n<!-- /models -->\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it changes nothing
		if err := update(file, packages); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != want {
			t.Errorf("%v, got\n%s", err, got)
		}
	}
}

func TestFailedTest(t *testing.T) {
	for _, in := range []string{`{"Action":"fail","Package":"p","Test":"TestX"}`, "no JSON"} {
		if _, err := read(strings.NewReader(in)); err == nil {
			t.Errorf("%s: no error", in)
		}
	}
}

func TestNoPlaceForTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(file, []byte("<!-- /models -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := update(file, nil); err == nil {
		t.Error("no error")
	}
}
