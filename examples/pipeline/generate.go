package main

import (
	"fmt"
	"io"
	"math/rand/v2"
)

// generate returns a reader of size bytes that look like the log of a server.
// They are always the same.
func generate(size int64) io.Reader {
	return io.LimitReader(&logReader{random: rand.New(rand.NewPCG(1, 2))}, size)
}

// A logReader reads a log that has no end.
type logReader struct {
	random *rand.Rand
	second int
	line   []byte // what is left of it
}

func (l *logReader) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(l.line) == 0 {
			l.next()
		}
		m := copy(b[n:], l.line)
		n, l.line = n+m, l.line[m:]
	}
	return n, nil
}

var (
	methods  = []string{"GET", "GET", "GET", "POST", "DELETE"}
	subjects = []string{"users", "orders", "carts", "images"}
	statuses = []int{200, 200, 200, 200, 304, 404, 500}
)

func (l *logReader) next() {
	l.second += l.random.IntN(2)
	l.line = fmt.Appendf(l.line[:0], "%02d:%02d:%02d 10.0.%d.%d %s /%s/%d %d %dms\n",
		l.second/3600%24, l.second/60%60, l.second%60,
		l.random.IntN(4), l.random.IntN(256),
		methods[l.random.IntN(len(methods))], subjects[l.random.IntN(len(subjects))], l.random.IntN(100_000),
		statuses[l.random.IntN(len(statuses))], l.random.IntN(500))
}
