package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A pipeline compresses.
type pipeline struct {
	workers int
	chunks  int // in memory
	size    int // of a chunk
}

// A chunk goes from free to the reader, from there to a worker and to the queue
// of the writer, and when both are done with it back to free. It belongs to the
// reader, then to the worker until that has sent, then to the writer.
type chunk struct {
	in  []byte
	out bytes.Buffer
	tx  *oneshot.Sender[struct{}] // the worker's: out is there
	rx  *oneshot.Receiver[struct{}]
}

// A summary is the results of all stages.
type summary struct {
	read
	shares  []int // how many chunks each worker compressed
	written int64
}

// A read is the result of the reader.
type read struct {
	bytes  int64
	chunks int
	sum    [sha256.Size]byte
}

// compress reads src to its end and writes it, compressed, to dst.
func (p pipeline) compress(ctx context.Context, src io.Reader, dst io.Writer) (summary, error) {
	free := make(chan *chunk, p.chunks)
	for range p.chunks {
		free <- &chunk{in: make([]byte, p.size)}
	}
	// There is room for every chunk: only free makes anybody wait.
	jobs, order := make(chan *chunk, p.chunks), make(chan *chunk, p.chunks)

	g, ctx := errgroup.WithContext(ctx)
	reader := errgroup.Go(g, func() (read, error) {
		defer close(jobs)
		defer close(order)
		return readChunks(ctx, src, free, func(c *chunk) {
			c.tx, c.rx = oneshot.New[struct{}]()
			order <- c
			jobs <- c
		})
	})
	workers := make([]future.Future[int], p.workers)
	for i := range workers {
		workers[i] = errgroup.Go(g, func() (int, error) { return compressChunks(ctx, jobs) })
	}
	writer := errgroup.Go(g, func() (int64, error) { return writeChunks(ctx, dst, order, free) })

	if err := g.Wait(); err != nil {
		return summary{}, err // the first one: what follows from it is no news
	}
	all, err := future.Await(ctx, future.Join3(reader, future.All(workers...), writer))
	return summary{all.A, all.B, all.C}, err
}

// readChunks fills free chunks and hands them on. There is at least one.
func readChunks(ctx context.Context, src io.Reader, free <-chan *chunk, hand func(*chunk)) (r read, err error) {
	digest := sha256.New()
	for {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return r, context.Cause(ctx)
		}
		n, err := io.ReadFull(src, c.in)
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			return r, err
		}
		if n > 0 || r.chunks == 0 {
			c.in = c.in[:n]
			digest.Write(c.in)
			r.bytes += int64(n)
			r.chunks++
			hand(c)
		}
		if end {
			digest.Sum(r.sum[:0])
			return r, nil
		}
	}
}

// compressChunks is a worker, and returns how many chunks it compressed.
func compressChunks(ctx context.Context, jobs <-chan *chunk) (n int, err error) {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	for c := range jobs {
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		c.out.Reset()
		z.Reset(&c.out)
		_, err := z.Write(c.in)
		if err := errors.Join(err, z.Close()); err != nil {
			return n, err
		}
		n++
		_ = c.tx.Send(struct{}{})
	}
	return n, nil
}

// writeChunks writes the chunks in their order and makes them free. It returns
// how many bytes it wrote.
func writeChunks(ctx context.Context, dst io.Writer, order <-chan *chunk, free chan<- *chunk) (n int64, err error) {
	for c := range order {
		if _, err := future.Await(ctx, c.rx); err != nil {
			return n, err
		}
		m, err := dst.Write(c.out.Bytes())
		n += int64(m)
		if err != nil {
			return n, err
		}
		free <- c
	}
	return n, nil
}
