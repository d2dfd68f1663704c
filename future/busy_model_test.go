//go:build interleave

package future

import (
	"context"
	"testing"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/interleave/planted"
)

// A lone is a leaf that two goroutines may poll at once: it gives its value to one.
type lone struct {
	bell  bell
	taken atomics.Uint32
	value int
}

func (l *lone) send() {
	atomics.Write(unsafe.Pointer(&l.value))
	l.value = 7
	l.bell.ring()
}

func (l *lone) Poll(w *Waker) (v int, ready bool, err error) {
	rang, err := l.bell.poll(l, w)
	if !rang || err != nil {
		return 0, rang, err
	}
	if l.taken.Swap(1) != 0 { // 0 → 1: the value is the caller's
		return 0, true, ErrConsumed
	}
	atomics.Read(unsafe.Pointer(&l.value))
	return l.value, true, nil
}

// A shell is a combinator of one source. Its fields belong to the goroutine that polls
// it, and to a look while that goroutine waits.
type shell struct {
	src   Future[int]
	polls int
}

func (s *shell) Poll(w *Waker) (int, bool, error) {
	atomics.Write(unsafe.Pointer(&s.polls))
	s.polls++
	v, ready, err := s.src.Poll(w)
	atomics.Write(unsafe.Pointer(&s.polls)) // a look in between is a data race
	return v, ready, err
}

func (s *shell) PassesWakerTo(f any) bool {
	atomics.Read(unsafe.Pointer(&s.polls))
	return contains(s.src, f)
}

// Two goroutines await one leaf, one of them below a combinator, while its value comes.
// Both end: one has the value, and the other an error.
func TestModelTwoConsumers(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		l := new(lone)
		var got [2]int
		var errs [2]error
		await := func(i int, f Future[int]) func() {
			return func() { got[i], errs[i] = Await(context.Background(), f) }
		}
		m.Go("below a combinator", await(0, &shell{src: l}))
		m.Go("directly", await(1, l))
		m.Go("send", l.send)
		m.Wait()
		if got[0]+got[1] != 7 || (errs[0] == nil) == (errs[1] == nil) {
			m.Fatalf("got %v, %v, want the value once", got, errs)
		}
		for _, err := range errs {
			if err != nil && err != ErrBusy && err != ErrConsumed {
				m.Fatalf("got %v", err)
			}
		}
	}, interleave.Preemptions(3))
}

// The second of two consumers comes while the first one waits for sure. The first one
// never gets ErrBusy, and the value goes to one of them.
func TestModelSecondConsumerIsBusy(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		l := new(lone)
		b := new(blocker)
		b.waker.Init(b)
		first := &shell{src: l}
		if _, ready, _ := first.Poll(&b.waker); ready {
			m.Fatalf("ready before it is sent")
		}
		b.wait(first)
		var second error
		m.Go("second", func() { _, second = Await(context.Background(), Future[int](l)) })
		m.Go("send", l.send)
		b.Park()
		b.resume()
		_, ready, err := first.Poll(&b.waker)
		m.Wait()
		switch {
		case !ready || err != nil && err != ErrConsumed:
			m.Fatalf("the first got %v, %v, want the value, or ErrConsumed", ready, err)
		case second != nil && second != ErrBusy && second != ErrConsumed:
			m.Fatalf("the second got %v", second)
		case (err == nil) == (second == nil):
			m.Fatalf("the first got %v and the second %v, want the value once", err, second)
		}
	}, interleave.Preemptions(3))
}

// A consumer gives up, and leaves its waker with the leaf. The next one gets the
// value.
func TestModelConsumerHasMovedOn(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		l := new(lone)
		ctx := interleave.NewContext()
		m.Go("end", ctx.Cancel)
		m.Go("send", l.send)
		v, err := Await(ctx, Borrow[int](l))
		if err != nil {
			m.Go("next", func() { v, err = Await(context.Background(), Future[int](l)) })
		}
		m.Wait()
		if v != 7 || err != nil {
			m.Fatalf("got %d, %v, want the value", v, err)
		}
	}, interleave.Preemptions(3))
}

// Wrong versions of the question whether another consumer waits.
var busyBugs = []planted.Bug{
	{
		Name: "leaf does not ask",
		File: "bell.go",
		Old:  `	if waits, _ := old.WaitsFor(self, w); waits {`,
		New:  `	if waits, _ := old.WaitsFor(self, w); waits && false {`,
	},
	{
		Name: "target that polls is not woken when it is replaced",
		File: "busy.go",
		Old:  `	if waits, polls := w.WaitsFor(f, newcomer); waits || polls {`,
		New:  `	if waits, _ := w.WaitsFor(f, newcomer); waits {`,
	},
	{
		Name: "target that has begun to wait meanwhile is not woken",
		File: "busy.go",
		Old:  `	if waits, polls := w.WaitsFor(f, newcomer); waits || polls {`,
		New:  `	if _, polls := w.WaitsFor(f, newcomer); polls {`,
	},
	{
		Name: "look at a goroutine that polls",
		File: "busy.go",
		Old:  `	if !c.state.CompareAndSwap(waits, lookedAt) {`,
		New:  `	if c.state.Load() != waits {`,
	},
	{
		Name: "goroutine polls during a look",
		File: "busy.go",
		Old: `		c.mu.Lock() // until the look has ended, whose reads synchronize with this
		c.state.Store(polls)
		c.mu.Unlock()`,
		New: `		c.state.Store(polls)`,
	},
	{
		Name: "waits before it says for what",
		File: "busy.go",
		Old: `	c.awaited = awaited
	c.state.Store(waits)`,
		New: `	c.state.Store(waits)
	c.awaited = awaited
	c.state.Store(waits)`,
	},
	{
		Name: "goroutine counts as waiting after its wait",
		File: "busy.go",
		Old:  `	if !c.state.CompareAndSwap(waits, polls) {`,
		New:  `	if c.state.Load() == lookedAt {`,
	},
	{
		Name: "combinator does not say what is below it",
		File: "busy.go",
		Old:  `	if h, ok := root.(holder); ok {`,
		New:  `	if h, ok := root.(holder); ok && false {`,
	},
	{
		Name: "consumer that lost to another one takes that for the value",
		File: "bell.go",
		Old:  `	if b.state.Load() == rung {`,
		New:  `	if b.state.Load() != nil {`,
	},
}

func TestModelBusyPlantedBugs(t *testing.T) {
	planted.Check(t, "TestModelTwoConsumers|TestModelSecondConsumer|TestModelConsumerHasMovedOn", busyBugs)
}
