package futuretest_test

import (
	"fmt"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func ExampleCounter() {
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

func ExampleProbe() {
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

func ExampleHarness() {
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
