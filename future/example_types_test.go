package future_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-await/await/future"
)

func ExampleResult() {
	for _, r := range []future.Result[int]{{Value: 42}, {Err: io.EOF}} {
		fmt.Println(r.Value, r.Err)
	}
	// Output:
	// 42 <nil>
	// 0 EOF
}

func ExamplePair() {
	both := future.Join2(future.Ready("Ada"), future.Ready(36))
	line := future.Map(both, func(p future.Pair[string, int]) (string, error) {
		return fmt.Sprintf("%s is %d", p.A, p.B), nil
	})
	fmt.Println(future.Await(context.Background(), line))
	// Output: Ada is 36 <nil>
}

func ExampleTriple() {
	t, err := future.Await(context.Background(), future.Join3(future.Ready("Ada"), future.Ready(36), future.Ready(true)))
	fmt.Println(t.A, t.B, t.C, err)
	// Output: Ada 36 true <nil>
}

func ExampleQuad() {
	q, err := future.Await(context.Background(),
		future.Join4(future.Ready("Ada"), future.Ready(36), future.Ready(true), future.Ready(1.5)))
	fmt.Println(q.A, q.B, q.C, q.D, err)
	// Output: Ada 36 true 1.5 <nil>
}

func ExampleEither() {
	first := future.Select2(future.Never[int](), future.Ready("word"))
	either, err := future.Await(context.Background(), first)
	switch either.Index {
	case 0:
		fmt.Println("a number:", either.A, err)
	case 1:
		fmt.Println("a string:", either.B, err)
	}
	// Output: a string: word <nil>
}

func ExamplePanicError() {
	_, err := future.Await(context.Background(), future.Go(func() (int, error) {
		panic(fmt.Errorf("bad input: %w", io.ErrUnexpectedEOF))
	}))
	var p *future.PanicError
	if errors.As(err, &p) {
		fmt.Println(p.Value, len(p.Stack) > 0)
		fmt.Println(p.Unwrap() == p.Value) // if it is an error, so that
		fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
		fmt.Println(p.Error())                                      // one line
		fmt.Println(len(fmt.Sprintf("%+v", p)) > len(p.Error())+50) // with the stack
		fmt.Println(p.LogValue().Group()[0])                        // for slog; the other one is the stack
	}
	// Output:
	// bad input: unexpected EOF true
	// true
	// true
	// panic: bad input: unexpected EOF
	// true
	// value=bad input: unexpected EOF
}

// A ticket in a queue, to be given back if it is not needed.
type ticket struct{ queue *[]*ticket }

func (t *ticket) Poll(*future.Waker) (int, bool, error) { return 0, false, nil }

func (t *ticket) Cancel() {
	for i, other := range *t.queue {
		if other == t {
			*t.queue = append((*t.queue)[:i], (*t.queue)[i+1:]...)
			return
		}
	}
}

func ExampleCanceler() {
	var queue []*ticket
	t := &ticket{&queue}
	queue = append(queue, t)
	var _ future.Canceler = t

	winner := future.Race[int](t, future.Ready(1)) // cancels the loser
	fmt.Println(future.Await(context.Background(), winner))
	fmt.Println(len(queue))
	// Output:
	// 1 <nil>
	// 0
}

func ExampleShared_Poll() {
	a := future.Share(future.Ready(42))
	b := a.Clone()
	fmt.Println(a.Poll(nil))
	fmt.Println(b.Poll(nil)) // each clone has the result once
	_, _, err := b.Poll(nil)
	fmt.Println(err)
	// Output:
	// 42 true <nil>
	// 42 true <nil>
	// future: result was already taken
}

func ExampleShared_Cancel() {
	a := future.Share(future.Finally(future.Never[int](), func() { fmt.Println("nobody is left") }))
	b := a.Clone()
	a.Cancel()
	fmt.Println("one is left")
	b.Cancel()
	// Output:
	// one is left
	// nobody is left
}

// Every error that this package makes, and what comes with it.
func Example_errors() {
	ctx := context.Background()
	show := func(err, is error) { fmt.Println(errors.Is(err, is), err) }

	_, err := future.Await(ctx, future.Race[int]())
	show(err, future.ErrNoFutures)
	_, err = future.Await[int](ctx, nil)
	show(err, future.ErrNil)
	_, err = future.Await(ctx, future.Timeout(future.Never[int](), 0))
	show(err, future.ErrTimeout)
	show(err, context.DeadlineExceeded)

	c := make(chan int)
	close(c)
	_, err = future.Await(ctx, future.FromChan(c))
	show(err, future.ErrChanClosed)

	f := future.Ready(42)
	f.Poll(nil)
	_, _, err = f.Poll(nil)
	show(err, future.ErrConsumed)

	f = future.Never[int]()
	future.Cancel(f)
	_, _, err = f.Poll(nil)
	show(err, future.ErrCanceled)

	show(future.Recovered(nil), future.ErrGoexit)
	// Output:
	// true future: no futures to wait for
	// true future: nil Future
	// true future: timeout
	// true future: timeout
	// true future: channel is closed
	// true future: result was already taken
	// true future: canceled
	// true future: runtime.Goexit was called
}
