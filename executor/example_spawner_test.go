package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A function that starts tasks for its caller takes a Spawner: an executor, or the group
// of a scope that waits for them.
func ExampleSpawner() {
	squares := func(s executor.Spawner, ns ...int) (all []future.Future[int]) {
		for _, n := range ns {
			all = append(all, executor.Go(s, func(context.Context) (int, error) { return n * n, nil }))
		}
		return all
	}
	e := executor.New()
	defer e.Close()
	fmt.Println(future.Await(context.Background(), future.All(squares(e, 1, 2, 3)...)))
	// Output: [1 4 9] <nil>
}

func ExampleDo() {
	e := executor.New()
	defer e.Close()
	h := executor.Do(e, func(context.Context) error { return errors.New("no space left") })
	_, err := future.Await(context.Background(), h)
	fmt.Println(err)
	// Output: no space left
}

// A handler of a request starts tasks of its own where it runs: they have the request's
// values, and end with it.
func ExampleGoContext() {
	type user struct{}
	greet := func(ctx context.Context) (string, error) {
		return fmt.Sprint("hello, ", ctx.Value(user{})), nil
	}
	fmt.Println(executor.Run(context.Background(), func(ctx context.Context) (string, error) {
		ctx = context.WithValue(ctx, user{}, "gopher")
		return future.Await(ctx, executor.GoContext(ctx, greet))
	}))
	// Output: hello, gopher <nil>
}

// Three mirrors are asked. That one of them is down concerns the other two as little as
// in Kotlin's supervisorScope, and nothing is left when Supervise returns.
func ExampleSupervise() {
	_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		up := 0 // the tasks of a Run are never two at once
		err := executor.Supervise(ctx, func(g *executor.TaskGroup) error {
			for _, mirror := range []string{"amsterdam", "berlin", "cadiz"} {
				executor.Do(g, func(ctx context.Context) error {
					if mirror == "berlin" {
						return errors.New("berlin is down")
					}
					_, err := future.Await(ctx, future.After(time.Millisecond))
					up++
					return err
				})
			}
			return nil
		})
		fmt.Println(up, "mirrors are up;", err)
		return 0, nil
	})
	// Output: 2 mirrors are up; berlin is down
}

// A group may be kept, but not used, when its scope has ended.
func Example_scopeEnded() {
	_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		var kept *executor.TaskGroup
		_ = executor.Scope(ctx, func(g *executor.TaskGroup) error { kept = g; return nil })
		_, err := future.Await(ctx, executor.Spawn(kept, future.Ready(1)))
		fmt.Println(err == executor.ErrScopeEnded, err)
		return 0, nil
	})
	// Output: true executor: task refused: its scope has ended
}

// A task that is canceled or refused before it begins runs nothing of its function, not
// even its deferred calls. OnTaskEnd is called all the same: here it closes the sender,
// so that the receiver does not wait in vain.
func ExampleOnTaskEnd_neverBegun() {
	e := executor.New()
	_ = e.Close()
	tx, rx := oneshot.New[int]()
	executor.Do(e, func(context.Context) error {
		defer tx.Close() // too late: this never runs
		return tx.Send(1)
	}, executor.OnTaskEnd(func(error) { _ = tx.Close() }))
	_, err := rx.Recv()
	fmt.Println(err)
	// Output: oneshot: sender is gone
}

// textLog is a log without times and identities.
func textLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "id" {
			return slog.Attr{}
		}
		return a
	}}))
}

// The author of an executor gives each Runnable the log of that executor.
func ExampleTaskLogger() {
	fail := func(context.Context) (int, error) { return 0, errors.New("out of paper") }
	r, h := executor.NewRunnableFunc(context.Background(), fail, func(*executor.Runnable) {},
		executor.TaskName("print"), executor.TaskLogger(textLog()))
	h.Detach() // the result is not asked for
	r.Run()
	// Output: level=ERROR msg="task failed, and its result is not awaited" task=print error="out of paper"
}

// A schedule function that keeps the order: a task that gives way, and so was woken while
// it ran, goes to the back, and one that has waited to the front.
func ExampleRunnable_WokenWhileRunning() {
	var front, back []*executor.Runnable
	schedule := func(r *executor.Runnable) {
		if r.WokenWhileRunning() {
			back = append(back, r)
		} else {
			front = append(front, r)
		}
	}
	tx, rx := oneshot.New[string]()
	waits, _ := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (int, error) {
		v, err := future.Await(ctx, rx)
		fmt.Println("got", v)
		return 0, err
	}, schedule)
	yields, _ := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (int, error) {
		_ = tx.Send("the message") // wakes the one that waits
		_ = executor.Yield(ctx)
		fmt.Println("goes on")
		return 0, nil
	}, schedule)
	waits.Schedule()
	yields.Schedule()
	for len(front)+len(back) > 0 {
		if len(front) == 0 {
			front, back = back, nil
		}
		next := front[0]
		front = front[1:]
		next.Run()
	}
	// Output:
	// got the message
	// goes on
}

func ExampleHandle_String() {
	e := executor.New()
	defer e.Close()
	h := executor.Spawn(e, future.Ready(1), executor.TaskName("load"))
	_, _ = future.Await(context.Background(), h)
	fmt.Println(h)
	_, _, err := h.Poll(nil)
	fmt.Println(err)
	// Output:
	// handle of task 1 "load" (ended)
	// executor: result of task 1 "load" was already taken
}

// What a task returns after its handle was canceled is not lost.
func ExampleHandle_OnDrop() {
	e := executor.New()
	began := make(chan bool)
	h := executor.Go(e, func(ctx context.Context) (string, error) {
		close(began)
		<-ctx.Done() // and yet it succeeds
		return "connection", nil
	})
	h.OnDrop(func(s string) { fmt.Println(s, "closed") })
	<-began
	h.Cancel()
	_ = e.Close()
	// Output: connection closed
}
