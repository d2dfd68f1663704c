package future_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-await/await/future"
)

func ExampleAwait() {
	ctx := context.Background()
	f := future.Go(func() (string, error) { return "hello", nil })
	fmt.Println(future.Await(ctx, f))
	// Output: hello <nil>
}

func ExampleNever() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	_, err := future.Await(ctx, future.Never[int]())
	fmt.Println(err)
	// Output: enough
}

func ExampleLazy() {
	f := future.Lazy(func() future.Future[int] {
		fmt.Println("polled")
		return future.Ready(1)
	})
	fmt.Println("made")
	fmt.Println(future.Await(context.Background(), f))
	// Output:
	// made
	// polled
	// 1 <nil>
}

func ExampleGo() {
	f := future.Go(func() (int, error) { panic("oops") })
	_, err := future.Await(context.Background(), f)
	var p *future.PanicError
	fmt.Println(errors.As(err, &p), p.Value)
	// Output: true oops
}

func ExampleGoContext() {
	stopped := make(chan error)
	ctx, giveUp := context.WithCancel(context.Background())
	f := future.GoContext(context.Background(), func(ctx context.Context) (int, error) {
		giveUp()
		<-ctx.Done()
		stopped <- context.Cause(ctx)
		return 0, nil
	})
	_, err := future.Await(ctx, f)
	fmt.Println(err)
	fmt.Println(<-stopped)
	// Output:
	// context canceled
	// future: canceled
}

func ExampleAfter() {
	_, err := future.Await(context.Background(), future.After(time.Millisecond))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleAt() {
	_, err := future.Await(context.Background(), future.At(time.Now().Add(-time.Hour)))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleDone() {
	server, shutdown := context.WithCancel(context.Background())
	goodbye := future.Map(future.Done(server), func(struct{}) (string, error) {
		return "goodbye", nil
	})
	shutdown()
	fmt.Println(future.Await(context.Background(), goodbye))
	// Output: goodbye <nil>
}

func ExampleMap() {
	f := future.Map(future.Ready("42"), strconv.Atoi)
	fmt.Println(future.Await(context.Background(), f))
	// Output: 42 <nil>
}

func ExampleThen() {
	user := func(id int) future.Future[string] { return future.Ready("user " + strconv.Itoa(id)) }
	f := future.Then(future.Ready(7), user)
	fmt.Println(future.Await(context.Background(), f))
	// Output: user 7 <nil>
}

func ExampleCatch() {
	f := future.Catch(future.Failed[int](errors.New("no such number")), func(err error) (int, error) {
		fmt.Println("caught:", err)
		return -1, nil
	})
	fmt.Println(future.Await(context.Background(), f))
	// Output:
	// caught: no such number
	// -1 <nil>
}

func ExampleFinally() {
	f := future.Finally(future.Ready(1), func() { fmt.Println("over") })
	fmt.Println(future.Await(context.Background(), f))
	// Output:
	// over
	// 1 <nil>
}

func ExampleAll() {
	upper := func(s string) future.Future[string] {
		return future.Go(func() (string, error) { return strings.ToUpper(s), nil })
	}
	fmt.Println(future.Await(context.Background(), future.All(upper("a"), upper("b"), upper("c"))))
	// Output: [A B C] <nil>
}

func ExampleRace() {
	slow := future.Never[string]()
	fast := future.Go(func() (string, error) { return "fast", nil })
	fmt.Println(future.Await(context.Background(), future.Race(slow, fast)))
	// Output: fast <nil>
}

func ExampleTimeout() {
	f := future.Timeout(future.Never[int](), time.Millisecond)
	_, err := future.Await(context.Background(), f)
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	// Output: future: timeout true
}

func ExampleDeadline() {
	f := future.Deadline(future.Ready(1), time.Now().Add(-time.Second))
	fmt.Println(future.Await(context.Background(), f)) // a result wins
	// Output: 1 <nil>
}

func ExampleChan() {
	answer := future.Chan(future.Go(func() (int, error) { return 42, nil }))
	other := make(chan int)
	select {
	case r := <-answer:
		fmt.Println(r.Value, r.Err)
	case n := <-other:
		fmt.Println("other", n)
	}
	// Output: 42 <nil>
}

func ExampleReady() {
	fmt.Println(future.Await(context.Background(), future.Ready("now")))
	// Output: now <nil>
}

func ExampleFailed() {
	fmt.Println(future.Await(context.Background(), future.Failed[int](errors.New("no"))))
	// Output: 0 no
}

func ExampleFunc() {
	polls := 0
	f := future.Func(func(w *future.Waker) (int, bool, error) {
		if polls++; polls < 3 {
			w.Wake() // poll me again
			return 0, false, nil
		}
		return polls, true, nil
	})
	fmt.Println(future.Await(context.Background(), f))
	// Output: 3 <nil>
}
