package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// charts are the groups of jobs, with the titles of their pictures.
var charts = []struct{ group, title, what string }{
	{"message", "One message", "time"},
	{"fan", "Many results", "time"},
	{"pool", "Through a pool", "time"},
	{"task", "Tasks", "time"},
	{"pending", "Pending waits", "bytes"},
}

// writeCharts draws a picture per group: for each job a bar for each peer, to the
// right of the line in the middle if the peer is dearer than await and to the
// left if it is cheaper.
func writeCharts(dir string, r *results) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, c := range charts {
		ts := r.group(c.group)
		if len(ts) == 0 {
			continue
		}
		svg := draw(c.title, c.what, ts)
		if err := os.WriteFile(filepath.Join(dir, c.group+".svg"), svg, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// group returns the tables of a chart.
func (r *results) group(name string) []*table {
	var ts []*table
	for i := range r.tables {
		if t := &r.tables[i]; t.job.group == name && t.base() != nil {
			ts = append(ts, t)
		}
	}
	return ts
}

// A bar is a peer's cost as a multiple of ours.
type bar struct {
	name  string
	ratio float64
	floor bool
}

// bars returns a bar for each peer that can do the job, and one for the floor.
func (t *table) bars() []bar {
	var bars []bar
	base := t.base()
	add := func(name string, r *row, floor bool) {
		if r == nil {
			return
		}
		if q, ok := r.ratio(base, t.job.unit); ok && q > 0 {
			bars = append(bars, bar{name, q, floor})
		}
	}
	for _, p := range peers {
		add(p.name, t.find(p.name), false)
	}
	add("floor", t.floor(), true)
	return bars
}

// The measures of a picture. It is as wide as a page shows without a scroll bar.
const (
	width      = 780.0
	left       = 150.0 // where the scale begins, and 50 more for a figure
	right      = 710.0 // where it ends
	top        = 70.0
	rowHeight  = 20.0
	jobHeight  = 34.0
	axisHeight = 56.0
)

// The colours are those of the page that the picture is shown on, light or dark,
// and so is the background: it does not depend on the page.
const style = `
    .page { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 16px; font-weight: 600 }
    .job { font-weight: 600 }
    .mid { text-anchor: middle }
    .end { text-anchor: end }
    .small { font-size: 12px; fill: #57606a }
    .grid { stroke: #d8dee4 }
    .one { stroke: #24292f; stroke-width: 1.5 }
    .dearer { fill: #0969da }
    .cheaper { fill: #bc4c00 }
    .floor { fill: #8c959f }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; stroke: #30363d }
      text { fill: #e6edf3 }
      .small { fill: #9198a1 }
      .grid { stroke: #30363d }
      .one { stroke: #e6edf3 }
      .dearer { fill: #58a6ff }
      .cheaper { fill: #f0883e }
      .floor { fill: #6e7681 }
    }
  `

// draw returns the picture of some jobs.
func draw(title, what string, ts []*table) []byte {
	low, high, height := 0.5, 2.0, top+axisHeight
	for _, t := range ts {
		height += jobHeight
		for _, b := range t.bars() {
			low, high = min(low, b.ratio), max(high, b.ratio)
			height += rowHeight
		}
	}
	ticks := ticks(low, high)
	low, high = ticks[0], ticks[len(ticks)-1]
	at := func(ratio float64) float64 {
		return left + (right-left)*math.Log(ratio/low)/math.Log(high/low)
	}

	svg := new(bytes.Buffer)
	put := func(format string, args ...any) { fmt.Fprintf(svg, format+"\n", args...) }
	text := func(class string, x, y float64, s string) {
		put(`  <text class="%s" x="%.0f" y="%.0f">%s</text>`, class, x, y, html.EscapeString(s))
	}
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title text">`, width, height)
	put(`  <title id="title">%s: %s, as a multiple of await's</title>`, title, what)
	put(`  <desc id="text">%s</desc>`, html.EscapeString(describe(ts)))
	put(`  <style>%s</style>`, style)
	put(`  <rect class="page" x="0.5" y="0.5" width="%.0f" height="%.0f" rx="6"/>`, width-1, height-1)
	text("title", 16, 28, title+": "+what+", as a multiple of await's")
	text("small end", at(1)-10, 54, "◀ cheaper than await")
	text("small", at(1)+10, 54, "dearer than await ▶")

	bottom := height - axisHeight
	for _, tick := range ticks {
		put(`  <line class="grid" x1="%.1f" y1="%.0f" x2="%.1f" y2="%.0f"/>`, at(tick), top, at(tick), bottom+6)
		text("small mid", at(tick), bottom+22, fmt.Sprint(tick))
	}
	put(`  <line class="one" x1="%.1f" y1="%.0f" x2="%.1f" y2="%.0f"/>`, at(1), top-8, at(1), bottom+6)
	text("small mid", (left+right)/2, bottom+42, "× await, on a logarithmic scale; floor: what the runtime charges for the parts")

	y := top
	for _, t := range ts {
		y += jobHeight
		put(`  <rect class="page" stroke-opacity="0" x="10" y="%.0f" width="%.0f" height="20"/>`, y-22, width-20)
		text("job", 16, y-8, t.title())
		text("small end", width-16, y-8, cost(t.base(), t.job.unit))
		for _, b := range t.bars() {
			class, x, anchor := "dearer", at(b.ratio)+5, "small"
			if b.ratio < 1 {
				class, x, anchor = "cheaper", at(b.ratio)-5, "small end"
			}
			if b.floor {
				class = "floor"
			}
			from, to := min(at(b.ratio), at(1)), max(at(b.ratio), at(1))
			text("end", 98, y+14, b.name)
			put(`  <rect class="%s" x="%.1f" y="%.0f" width="%.1f" height="14"/>`, class, from, y+2, max(to-from, 1))
			text(anchor, x, y+14, fmt.Sprintf("%.2f", b.ratio))
			y += rowHeight
		}
	}
	put(`</svg>`)
	return svg.Bytes()
}

// ticks returns the numbers 1, 2 and 5 times a power of ten from the last one
// that is at most low to the first one that is at least high.
func ticks(low, high float64) []float64 {
	var all []float64
	for e := -3; e <= 4; e++ {
		for _, m := range []float64{1, 2, 5} {
			all = append(all, m*math.Pow10(e))
		}
	}
	first, last := 0, len(all)-1
	for first+1 < len(all) && all[first+1] <= low {
		first++
	}
	for last > first && all[last-1] >= high {
		last--
	}
	return all[first : last+1]
}

// describe says in words what the picture shows, for whoever does not see it.
func describe(ts []*table) string {
	var jobs []string
	for _, t := range ts {
		var bars []string
		for _, b := range t.bars() {
			bars = append(bars, fmt.Sprintf("%s %.2f", b.name, b.ratio))
		}
		jobs = append(jobs, t.title()+": "+strings.Join(bars, ", "))
	}
	return strings.Join(jobs, "; ") + "."
}
