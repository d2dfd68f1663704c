package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func ExampleOwned() {
	open := func(name string) future.Future[string] {
		return future.Owned(future.Ready(name), func(name string) { fmt.Println("closed", name) })
	}
	ctx := context.Background()
	fmt.Println(future.Await(ctx, future.Race(open("fast"), open("slow"))))
	_, err := future.Await(ctx, future.All(open("first"), open("second"), future.Failed[string](errors.New("no third"))))
	fmt.Println(err)
	// Output:
	// closed slow
	// fast <nil>
	// closed first
	// closed second
	// no third
}

// A loop that waits for one of two things in each round borrows the one that it wants
// to wait for again.
func ExampleBorrow() {
	message := futuretest.NewProbe[string]()
	for round := 1; ; round++ {
		e, err := future.Await(context.Background(),
			future.Select2(future.Borrow[string](message), future.After(time.Millisecond)))
		if e.Index == 0 {
			fmt.Println(e.A, err, "in round", round)
			return
		}
		if round == 2 {
			message.Resolve("hello")
		}
	}
	// Output: hello <nil> in round 3
}

func ExampleOrElse() {
	tries := 0
	get := func() future.Future[string] {
		return future.Go(func() (string, error) {
			if tries++; tries < 3 {
				return "", errors.New("busy")
			}
			return "the page", nil
		})
	}
	var retry func() future.Future[string]
	retry = func() future.Future[string] {
		return future.OrElse(get(), func(err error) future.Future[string] {
			fmt.Println("again:", err)
			return future.Then(future.After(time.Millisecond), func(struct{}) future.Future[string] { return retry() })
		})
	}
	fmt.Println(future.Await(context.Background(), retry()))
	// Output:
	// again: busy
	// again: busy
	// the page <nil>
}

// Stage after stage, in constant memory and stack.
func ExampleThen_loop() {
	var countdown func(n int) future.Future[string]
	countdown = func(n int) future.Future[string] {
		if n == 0 {
			return future.Ready("liftoff")
		}
		return future.Then(future.Ready(n), func(n int) future.Future[string] { return countdown(n - 1) })
	}
	fmt.Println(future.Await(context.Background(), countdown(100_000)))
	// Output: liftoff <nil>
}

func ExampleDo() {
	f := future.Do(func() error { return errors.New("disk full") })
	_, err := future.Await(context.Background(), f)
	fmt.Println(err)
	// Output: disk full
}

func ExampleSlice() {
	shares := []*future.Shared[int]{future.Share(future.Ready(1)), future.Share(future.Ready(2))}
	fmt.Println(future.Await(context.Background(), future.All(future.Slice(shares)...)))
	// Output: [1 2] <nil>
}

func ExampleSelect3() {
	e, err := future.Await(context.Background(),
		future.Select3(future.Never[int](), future.Ready("word"), future.After(time.Hour)))
	fmt.Println(e.Index, e.B, err)
	// Output: 1 word <nil>
}

func ExampleSelect4() {
	e, err := future.Await(context.Background(),
		future.Select4(future.Never[int](), future.Never[string](), future.After(time.Hour), future.Ready(true)))
	fmt.Println(e.Index, e.D, err)
	// Output: 3 true <nil>
}

func ExampleEither3() {
	e := future.Either3[int, string, bool]{Index: 1, B: "word"}
	switch e.Index {
	case 0:
		fmt.Println("a number", e.A)
	case 1:
		fmt.Println("a string", e.B)
	case 2:
		fmt.Println("a truth", e.C)
	}
	// Output: a string word
}

func ExampleEither4() {
	e := future.Either4[int, string, bool, error]{Index: 0, A: 42}
	switch e.Index {
	case 0:
		fmt.Println("a number", e.A)
	case 1:
		fmt.Println("a string", e.B)
	case 2:
		fmt.Println("a truth", e.C)
	case 3:
		fmt.Println("an error", e.D)
	}
	// Output: a number 42
}

func ExampleBufferedUnordered() {
	slow := future.Map(future.After(20*time.Millisecond), func(struct{}) (string, error) { return "slow", nil })
	fs := []future.Future[string]{slow, future.Ready("quick"), future.Ready("quicker")}
	for v, err := range future.BufferedUnordered(context.Background(), slices.Values(fs), 2) {
		fmt.Println(v, err)
	}
	// Output:
	// quick <nil>
	// quicker <nil>
	// slow <nil>
}

// Printing a future that is in use is safe, and names its type.
func ExampleShared_String() {
	s := future.Share(future.Map(future.Ready(1), func(n int) (string, error) { return "", nil }))
	fmt.Println(s)
	fmt.Println(future.Map(future.Ready(1), func(n int) (string, error) { return "", nil }))
	// Output:
	// future.Shared[string]
	// future.Map[int,string]
}

func ExampleSet_String() {
	var set future.Set[int]
	fmt.Println(&set)
	// Output: future.Set[int]
}

func ExamplePanicError_Format() {
	_, err := future.Await(context.Background(), future.Go(func() (int, error) { panic("boom") }))
	fmt.Println(err)
	fmt.Println(len(fmt.Sprintf("%+v", err)) > 50) // with the stack
	// Output:
	// panic: boom
	// true
}
