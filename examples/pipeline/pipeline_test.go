package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

var errBoom = errors.New("boom")

// A counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// A gate blocks each Write until it is let through.
type gate chan struct{}

func (g gate) Write(b []byte) (int, error) {
	<-g
	return len(b), nil
}

// While nothing is written, exactly as much is read as there are chunks, and then
// a chunk for each that was written.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, dst := &counter{r: generate(100_000)}, make(gate)
		p := pipeline{workers: 3, chunks: 7, size: 1000}
		over := make(chan error)
		go func() {
			s, err := p.compress(t.Context(), src, dst)
			if s.bytes != 100_000 || s.chunks != 100 {
				t.Errorf("read %d bytes in %d chunks", s.bytes, s.chunks)
			}
			if len(s.shares) != 3 || s.shares[0]+s.shares[1]+s.shares[2] != 100 {
				t.Errorf("the workers had %d chunks", s.shares)
			}
			over <- err
		}()
		for written := range 100 {
			synctest.Wait()
			if want := min((7+written)*1000, 100_000); src.n != want {
				t.Fatalf("%d chunks written, %d bytes read, want %d", written, src.n, want)
			}
			dst <- struct{}{}
		}
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}

type failingWriter struct{ after int }

func (f *failingWriter) Write(b []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errBoom
	}
	return len(b), nil
}

// Whichever stage fails, the error is the one that compress returns, and the
// other stages end: goleak looks for them.
func TestFailure(t *testing.T) {
	p := pipeline{workers: 3, chunks: 7, size: 1000}
	for _, tt := range []struct {
		name string
		src  io.Reader
		dst  io.Writer
	}{
		{"the reader at once", iotest.ErrReader(errBoom), io.Discard},
		{"the reader later", io.MultiReader(generate(50_000), iotest.ErrReader(errBoom)), io.Discard},
		{"the writer at once", generate(1 << 40), &failingWriter{}},
		{"the writer later", generate(1 << 40), &failingWriter{50}},
	} {
		if _, err := p.compress(t.Context(), tt.src, tt.dst); !errors.Is(err, errBoom) {
			t.Errorf("%s: got %v, want %v", tt.name, err, errBoom)
		}
	}
}

// Of two failures the first is the one that counts, whichever stage it is of.
func TestFirstFailure(t *testing.T) {
	p := pipeline{workers: 1, chunks: 2, size: 1000}
	for _, first := range []string{"reader", "writer"} {
		synctest.Test(t, func(t *testing.T) {
			fail := map[string]chan error{"reader": make(chan error), "writer": make(chan error)}
			src := io.MultiReader(generate(1000), readerFunc(func([]byte) (int, error) { return 0, <-fail["reader"] }))
			dst := writerFunc(func([]byte) (int, error) { return 0, <-fail["writer"] })
			over := make(chan error, 1)
			go func() {
				_, err := p.compress(t.Context(), src, dst)
				over <- err
			}()
			synctest.Wait() // both are about to fail
			fail[first] <- errBoom
			synctest.Wait() // this one has
			for stage, c := range fail {
				if stage != first {
					c <- errors.ErrUnsupported
				}
			}
			if err := <-over; err != errBoom {
				t.Errorf("the %s first: got %v, want %v", first, err, errBoom)
			}
		})
	}
}

// A panic of a stage is a failure like any other.
func TestPanic(t *testing.T) {
	p := pipeline{workers: 1, chunks: 1, size: 1000}
	if _, err := p.compress(t.Context(), readerFunc(func([]byte) (int, error) { panic("boom") }), io.Discard); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	p := pipeline{workers: 3, chunks: 7, size: 1000}
	_, err := p.compress(ctx, generate(1<<40), writerFunc(func(b []byte) (int, error) {
		cancel(errBoom)
		return len(b), nil
	}))
	if !errors.Is(err, errBoom) {
		t.Errorf("got %v, want %v", err, errBoom)
	}
}

// A worker begins nothing once it is over.
func TestCancelledWorker(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	jobs := make(chan *chunk, 1)
	jobs <- new(chunk)
	if n, err := compressChunks(ctx, jobs); n != 0 || err != errBoom {
		t.Errorf("got %d, %v", n, err)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
