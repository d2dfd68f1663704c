package futuretest

import (
	"sync"
	"sync/atomic"

	"github.com/go-await/await/future"
)

// A Counter counts the wakes of its waker.
type Counter struct {
	waker future.Waker
	wakes atomic.Int64
}

// NewCounter returns a Counter that has counted nothing yet.
func NewCounter() *Counter {
	c := new(Counter)
	c.waker.Init(c)
	return c
}

// Waker returns the counter's waker, the same one each time. It panics if NewCounter
// has not made the Counter.
func (c *Counter) Waker() *future.Waker {
	if c == nil || c.waker.Target() == nil {
		panic("futuretest: a Counter that NewCounter has not made")
	}
	return &c.waker
}

// Wakes returns how often the waker was woken.
func (c *Counter) Wakes() int { return int(c.wakes.Load()) }

// OnWake counts one wake. It is called by the waker.
func (c *Counter) OnWake() { c.wakes.Add(1) }

// A Recorder records the order in which wakers are woken. The zero Recorder is
// ready to use.
type Recorder struct {
	mu    sync.Mutex
	wakes []string
}

// Waker returns a new waker whose wakes are recorded as name.
func (r *Recorder) Waker(name string) *future.Waker {
	return future.NewWaker(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wakes = append(r.wakes, name)
	})
}

// Wakes returns the names of the wakers that were woken since the last call, in
// order.
func (r *Recorder) Wakes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	wakes := r.wakes
	r.wakes = nil
	return wakes
}

// PanicWaker returns a waker that panics with v when it is woken.
func PanicWaker(v any) *future.Waker {
	return future.NewWaker(func() { panic(v) })
}
