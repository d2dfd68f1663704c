package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
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
		"\n| a chain of 10 functions behind a result | 100 ns | – | – | 3.00 | – | – | – |\n",
		"\n| fan out to n, fan in, n = 10 | await-Go 100 ns | 0.50 | – | – | 0.75 |\n", // the dearer floor
		"(charts/fan.svg)",
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

// A job's bars are as long as the logarithms of the ratios, to the side that says
// which is cheaper, and all of the picture is within its frame.
func TestCharts(t *testing.T) {
	r, err := parse(strings.NewReader(figures))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeCharts(dir, r); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "fan.svg"))
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		ViewBox string `xml:"viewBox,attr"`
		Desc    string `xml:"desc"`
		Group   struct {
			Paths []struct {
				D     string `xml:"d,attr"`
				Style string `xml:"style,attr"`
			} `xml:"path"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal(file, &svg); err != nil {
		t.Fatal(err)
	}
	var width, height float64
	if _, err := fmt.Sscanf(svg.ViewBox, "0 0 %f %f", &width, &height); err != nil {
		t.Fatal(err)
	}
	bars := map[string]float64{}
	for _, p := range svg.Group.Paths {
		var x1, y1, x2, y2, x3, y3 float64
		if _, err := fmt.Sscanf(p.D, "M%f,%fL%f,%fL%f,%f", &x1, &y1, &x2, &y2, &x3, &y3); err != nil {
			continue // no rectangle
		}
		if min(x1, x3) < 0 || max(x1, x3) > width || min(y1, y3) < 0 || max(y1, y3) > height {
			t.Errorf("outside of the picture: %+v", p)
		}
		bars[p.Style] = max(bars[p.Style], math.Abs(x3-x1))
	}
	const want = "fan out to n, fan in, n = 10: chan 0.50, floor 0.75; a chain of 10 functions behind a result: go-future 3.00."
	if svg.Desc != want {
		t.Errorf("the picture shows %q, want %q", svg.Desc, want)
	}
	length := func(c color.RGBA) float64 {
		return bars[fmt.Sprintf("fill:#%02X%02X%02X", c.R, c.G, c.B)]
	}
	if d := length(dearer)/length(cheaper) - math.Log(3)/math.Log(2); !(math.Abs(d) < 0.01) {
		t.Errorf("bars for 3.00 and 0.50 are of %v and %v", length(dearer), length(cheaper))
	}
	if d := length(parts)/length(cheaper) - math.Log(0.75)/math.Log(0.5); !(math.Abs(d) < 0.01) {
		t.Errorf("bars for 0.75 and 0.50 are of %v and %v", length(parts), length(cheaper))
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []float64
		reason    string
	}{
		{0.5, 2, []float64{0.5, 1, 2}, "a tick is its own bound"},
		{0.44, 2.01, []float64{0.2, 0.5, 1, 2, 5}, "the next tick outward"},
		{0.5, 10.1, []float64{0.5, 1, 2, 5, 10, 20}, "more than one power of ten"},
	} {
		if got := ticks(c.low, c.high); !slices.Equal(got, c.want) {
			t.Errorf("%s: ticks(%v, %v) = %v, want %v", c.reason, c.low, c.high, got, c.want)
		}
	}
}
