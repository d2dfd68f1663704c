package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"
)

// BenchmarkGoTree is the main job, the list of the Go distribution, as this
// program does it and as it is written by hand. The two take turns, so that
// neither has the warmer cache or the quieter machine, and their lists must be
// equal. The figures are the medians of their wall times, and of the ratios of
// one turn each.
func BenchmarkGoTree(b *testing.B) {
	root, err := goroot(b.Context())
	if err != nil {
		b.Skip("there is no go command:", err)
	}
	var byHand, await bytes.Buffer
	var plainMS, awaitMS, ratio []float64
	for b.Loop() {
		byHand.Reset()
		await.Reset()
		start := time.Now()
		plain(b, root, &byHand)
		turn := time.Now()
		if status := run(b.Context(), []string{root}, nil, &await, os.Stderr); status != statusOK {
			b.Fatal("status", status)
		}
		p, a := turn.Sub(start), time.Since(turn)
		plainMS = append(plainMS, 1e3*p.Seconds())
		awaitMS = append(awaitMS, 1e3*a.Seconds())
		ratio = append(ratio, a.Seconds()/p.Seconds())
		if !bytes.Equal(await.Bytes(), byHand.Bytes()) {
			b.Fatalf("the lists differ: %d and %d bytes", await.Len(), byHand.Len())
		}
	}
	b.ReportMetric(median(plainMS), "plain-ms")
	b.ReportMetric(median(awaitMS), "await-ms")
	b.ReportMetric(median(ratio), "await/plain")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// plain is the job by hand: this goroutine walks, the workers of a pool send
// lines over a channel, and another goroutine collects them.
func plain(tb testing.TB, root string, w io.Writer) {
	pool, err := ants.NewPool(runtime.GOMAXPROCS(0))
	if err != nil {
		tb.Fatal(err)
	}
	defer pool.Release()
	lines := make(chan line)
	collected := make(chan []line)
	go func() {
		var all []line
		for l := range lines {
			all = append(all, l)
		}
		collected <- all
	}()
	buffers := sync.Pool{New: func() any { return new([64 << 10]byte) }}
	var pending sync.WaitGroup
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		pending.Add(1)
		return pool.Submit(func() {
			defer pending.Done()
			f, err := os.Open(path)
			if err != nil {
				tb.Error(err)
				return
			}
			defer f.Close()
			buf := buffers.Get().(*[64 << 10]byte)
			defer buffers.Put(buf)
			h := sha256.New()
			// The wrapper hides File.WriteTo, which would take a buffer of its own.
			if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, buf[:]); err != nil {
				tb.Error(err)
				return
			}
			lines <- line{hex.EncodeToString(h.Sum(nil)), path}
		})
	})
	if err != nil {
		tb.Error(err)
	}
	pending.Wait()
	close(lines)
	all := <-collected
	slices.SortFunc(all, func(a, b line) int { return cmp.Compare(a.path, b.path) })
	var b []byte
	for _, l := range all {
		b = l.appendTo(b)
	}
	if _, err := w.Write(b); err != nil {
		tb.Error(err)
	}
}
