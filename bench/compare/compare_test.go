package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const figures = `goos: linux
goarch: amd64
cpu: a processor
BenchmarkChain/impl=await-2    	1000	100 ns/op	344 B/op	11 allocs/op
BenchmarkChain/impl=go-future-2	1000	300 ns/op	1168 B/op	41 allocs/op
BenchmarkFanOutFanIn/n=10/impl=await-2	1000	300 ns/op
BenchmarkFanOutFanIn/n=10/impl=await-Go-2	1000	100 ns/op
BenchmarkFanOutFanIn/n=10/impl=floor:this-2	1000	75 ns/op
BenchmarkFanOutFanIn/n=10/impl=floor:that-2	1000	25 ns/op
BenchmarkFanOutFanIn/n=10/impl=chan-2	1000	50 ns/op
BenchmarkChain/impl=await-2    	1000	1000 ns/op	344 B/op	11 allocs/op
BenchmarkChain/impl=go-future-2	1000	2000 ns/op	1168 B/op	41 allocs/op
BenchmarkChain/impl=await-2    	1000	10 ns/op	344 B/op	11 allocs/op
BenchmarkChain/impl=go-future-2	1000	90 ns/op	1168 B/op	41 allocs/op
`

// A ratio is of one round, and the table has the median of the rounds' ratios,
// not the ratio of the medians.
func TestReport(t *testing.T) {
	r, err := parse(strings.NewReader(figures))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := writeReport(&out, r, "make compare"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| a chain of 10 functions behind a result | await | – | – | – | – | – | 3.00 |",
		"| fan out to n, fan in, n = 10 | await-Go | 0.50 |",
		"| – | 0.75 |\n", // the dearer floor of that
		"× await-Go |",
		"| go-future |",
		"a processor, linux/amd64",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Index(out.String(), "fan out") > strings.Index(out.String(), "a chain of 10") {
		t.Error("the jobs are not in their order")
	}
}

func TestUnknownJob(t *testing.T) {
	if _, err := parse(strings.NewReader("BenchmarkNoSuch/impl=await-2 1 1 ns/op\n")); err == nil {
		t.Error("a benchmark that is no job is accepted")
	}
}

func TestCharts(t *testing.T) {
	r, err := parse(strings.NewReader(figures))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeCharts(dir, r); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(filepath.Join(dir, "fan.svg"))
	if err != nil || !bytes.Contains(svg, []byte("go-future")) {
		t.Errorf("fan.svg: %v, %d bytes", err, len(svg))
	}
}
