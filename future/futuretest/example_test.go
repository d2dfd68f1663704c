package futuretest_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func ExampleNewCounter() {
	c := futuretest.NewCounter()
	p := futuretest.NewProbe[int]()
	p.Poll(c.Waker())
	fmt.Println(c.Wakes())
	p.Resolve(1)
	fmt.Println(c.Wakes())
	// Output:
	// 0
	// 1
}

func ExampleCounter() {
	c := futuretest.NewCounter()
	c.Waker().Wake()
	c.OnWake() // what that does: a Counter may be the target of a waker of yours
	fmt.Println(c.Wakes())
	// Output: 2
}

func ExampleRecorder() {
	var r futuretest.Recorder
	a, b := futuretest.NewProbe[int](), futuretest.NewProbe[int]()
	a.Poll(r.Waker("a"))
	b.Poll(r.Waker("b"))
	b.Resolve(2)
	a.Resolve(1)
	fmt.Println(r.Wakes())
	// Output: [b a]
}

func ExamplePanicWaker() {
	defer func() { fmt.Println(recover()) }()
	futuretest.PanicWaker("ouch").Wake()
	// Output: ouch
}

func ExampleNewProbe() {
	p := futuretest.NewProbe[string]()
	fmt.Println(p.Poll(nil))
	p.Resolve("done")
	fmt.Println(p.Poll(nil))
	fmt.Println(p.Polls(), p.Cancels())
	// Output:
	//  false <nil>
	// done true <nil>
	// 2 0
}

func ExampleNewHarness() {
	var t testing.T // the one of your test
	p := futuretest.NewProbe[int]()
	h := futuretest.NewHarness(&t, future.Map(p, func(n int) (int, error) { return 2 * n, nil }))
	h.Pending()
	p.Resolve(21)
	fmt.Println(h.Wakes())
	fmt.Println(h.Ready())
	// Output:
	// 1
	// 42 <nil>
}

// The outcome of a probe may be anything that a Poll can come to.
func ExampleProbe() {
	p := futuretest.NewProbe[int]()
	p.Fail(io.EOF)
	fmt.Println(p.Poll(nil))

	p = futuretest.NewProbe[int]()
	p.Panic("oops")
	func() {
		defer func() { fmt.Println(recover()) }()
		p.Poll(nil)
	}()
	fmt.Println(p.Finished())

	p = futuretest.NewProbe[int]()
	p.Goexit() // what t.FailNow does
	_, err := future.Await(context.Background(), future.Go(func() (int, error) {
		return future.Await(context.Background(), p)
	}))
	fmt.Println(err)

	p = futuretest.NewProbe[int]()
	c := futuretest.NewCounter()
	p.Poll(c.Waker())
	p.Wake() // means nothing: it is still pending
	fmt.Println(c.Wakes(), p.Waker() == c.Waker())
	p.Cancel()
	fmt.Println(p.Poll(nil))
	// Output:
	// 0 true EOF
	// oops
	// true
	// future: runtime.Goexit was called
	// 1 true
	// 0 true future: canceled
}

func ExampleHarness() {
	var t testing.T // the one of your test
	p := futuretest.NewProbe[int]()
	h := futuretest.NewHarness[int](&t, p)
	h.Pending()
	go p.Resolve(42)
	h.Wait() // until it is woken
	fmt.Println(h.Ready())

	f := future.Finally(future.Never[int](), func() { fmt.Println("released") })
	futuretest.NewHarness(&t, f).Cancel()

	p = futuretest.NewProbe[int]()
	p.Panic("oops")
	fmt.Println(futuretest.NewHarness[int](&t, p).Panics())

	// All of it at once, for a future that gets ready by itself:
	fmt.Println(futuretest.NewHarness(&t, future.After(time.Millisecond)).Run())
	// Output:
	// 42 <nil>
	// released
	// oops
	// {} <nil>
}

// What TestFuture is given: a new future, and how it becomes ready.
func ExampleSubject() {
	err := futuretest.TestFuture(func() futuretest.Subject[int] {
		p := futuretest.NewProbe[int]()
		return futuretest.Subject[int]{
			Future: future.Map(p, func(n int) (int, error) { return 2 * n, nil }),
			Steps:  []func(){p.Wake, func() { p.Resolve(21) }},
			Check: func(v int, err error) error {
				if v != 42 || err != nil {
					return fmt.Errorf("got %d, %v", v, err)
				}
				return nil
			},
		}
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleTestFuture() {
	err := futuretest.TestFuture(func() futuretest.Subject[int] {
		a, b := futuretest.NewProbe[int](), futuretest.NewProbe[int]()
		return futuretest.Subject[int]{
			Future:      future.Race(a, b),
			Steps:       []func(){func() { b.Wake() }, func() { a.Resolve(1) }},
			Synchronous: true,
			Released: func() error {
				if a.Cancels() != 1 || b.Cancels() != 1 {
					return fmt.Errorf("cancelled %d and %d times", a.Cancels(), b.Cancels())
				}
				return nil
			},
		}
	})
	fmt.Println(err)
	// Output: <nil>
}
