package ants_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Importing ants makes its default pool, which has two goroutines. Those that
// are there before the first test are let be; of any other pool they are a leak.
func TestMain(m *testing.M) {
	buf := make([]byte, 1<<16)
	others := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:]
	for _, name := range []string{"goPurge", "goTicktock"} {
		n := 0
		for _, stack := range others {
			if strings.Contains(stack, "created by github.com/panjf2000/ants/v2.(*poolCommon)."+name+" ") {
				n++
			}
		}
		if n != 1 || len(others) != 2 {
			fmt.Fprintf(os.Stderr, "%d goroutines of %s before the tests:\n%s\n", n, name, strings.Join(others, "\n\n"))
			os.Exit(1)
		}
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

var errDoom = errors.New("doom")

// newPool makes a pool that is released when the test ends.
func newPool(t testing.TB, size int, opts ...ants.Option) *ants.Pool {
	t.Helper()
	p, err := ants.NewPool(size, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

func ExampleSubmit() {
	pool, err := ants.NewPool(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	answer := antsx.Submit(pool, func() (int, error) { return 6 * 7, nil })
	v, err := answer.Recv()
	fmt.Println(v, err)
	// Output: 42 <nil>
}

// A compilation is like a command of os/exec.
type compilation struct{ output, failure string }

func (c compilation) CombinedOutput() ([]byte, error) {
	return []byte(c.output), errors.New(c.failure)
}

// A value that comes with an error is delivered with it: here it says why.
func ExampleSubmit_valueWithError() {
	pool, err := ants.NewPool(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	cmd := compilation{"main.go:7: undefined: x", "exit status 1"}
	built := antsx.Submit(pool, cmd.CombinedOutput)
	output, err := built.Recv()
	fmt.Println(err)
	fmt.Printf("%s\n", output)
	// Output:
	// exit status 1
	// main.go:7: undefined: x
}

func ExampleDo() {
	pool, err := ants.NewPool(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	saved := antsx.Do(pool, func() error { return errors.New("disk is full") })
	_, err = saved.Recv()
	fmt.Println(err)
	// Output: disk is full
}

func ExampleSubmitContext() {
	pool, err := ants.NewPool(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	begun, ended := make(chan struct{}), make(chan error)
	answer := antsx.SubmitContext(context.Background(), pool, func(ctx context.Context) (int, error) {
		close(begun)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return 0, ctx.Err()
	})
	<-begun
	answer.Close() // nobody wants it any more
	fmt.Println(<-ended)
	// Output: oneshot: receiver is closed
}

func TestSubmitOutcomes(t *testing.T) {
	handled := make(chan any, 10)
	p := newPool(t, 2, ants.WithPanicHandler(func(v any) { handled <- v }))
	tests := []struct {
		name, reason string
		fn           func() (int, error)
		want         int
		err          func(error) bool
	}{
		{"value", "the usual case",
			func() (int, error) { return 1, nil }, 1, func(err error) bool { return err == nil }},
		{"error", "an error comes with the value beside it",
			func() (int, error) { return 1, errDoom }, 1, func(err error) bool { return err == errDoom }},
		{"panic", "a panic is an error with the stack where it happened",
			func() (int, error) { panic(errDoom) }, 0, func(err error) bool {
				var p *future.PanicError
				return errors.As(err, &p) && errors.Is(err, errDoom) && strings.Contains(string(p.Stack), "TestSubmitOutcomes")
			}},
		{"goexit", "upstream's worker ends without a word; the receiver learns of it",
			func() (int, error) { runtime.Goexit(); return 1, nil }, 0, func(err error) bool { return err == future.ErrGoexit }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			v, err := antsx.Submit(p, tc.fn).Recv()
			if v != tc.want || !tc.err(err) {
				t.Errorf("%s: %v, %v", tc.reason, v, err)
			}
			v, err = antsx.SubmitContext(t.Context(), p, func(context.Context) (int, error) { return tc.fn() }).Recv()
			if v != tc.want || !tc.err(err) {
				t.Errorf("%s, with a context: %v, %v", tc.reason, v, err)
			}
		})
	}
	select {
	case v := <-handled:
		t.Errorf("the pool's handler got %v", v)
	default:
	}
}

// A full pool of each kind, from a goroutine.
func TestFullPool(t *testing.T) {
	t.Run("blocking", func(t *testing.T) {
		p := newPool(t, 1)
		gate := occupy(p)
		var rxs []*oneshot.Receiver[int]
		for i := range 100 {
			rxs = append(rxs, antsx.Submit(p, func() (int, error) { return i, nil }))
		}
		close(gate)
		for i, rx := range rxs {
			if v, err := rx.Recv(); v != i || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
		}
	})
	t.Run("nonblocking", func(t *testing.T) {
		p := newPool(t, 1, ants.WithNonblocking(true))
		gate := occupy(p)
		rx := antsx.Submit(p, work)
		if _, err := rx.TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("a nonblocking pool queued it: %v", err)
		}
		close(gate)
	})
	t.Run("limited", func(t *testing.T) {
		p := newPool(t, 1, ants.WithMaxBlockingTasks(2))
		gate := occupy(p)
		first, second := antsx.Submit(p, work), antsx.Submit(p, work)
		if _, err := antsx.Submit(p, work).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("the third: %v", err)
		}
		first.Close() // makes room
		third := antsx.Submit(p, work)
		close(gate)
		for i, rx := range []*oneshot.Receiver[int]{second, third} {
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Errorf("%d: %v, %v", i+2, v, err)
			}
		}
	})
	t.Run("limited, beside others", func(t *testing.T) { // who count, too
		p := newPool(t, 1, ants.WithMaxBlockingTasks(2))
		gate := occupy(p)
		done := make(chan error)
		go func() { done <- p.Submit(func() {}) }()
		for p.Waiting() < 1 {
			runtime.Gosched()
		}
		first := antsx.Submit(p, work)
		for p.Waiting() < 2 { // with the feeder that waits for it
			runtime.Gosched()
		}
		if _, err := antsx.Submit(p, work).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("the third: %v", err)
		}
		close(gate)
		if err := <-done; err != nil {
			t.Errorf("the first: %v", err)
		}
		if v, err := first.Recv(); v != 1 || err != nil {
			t.Errorf("the second: %v, %v", v, err)
		}
	})
	// The limit is that of each part, and one that is accepted is not refused
	// because the part that upstream picks has too many waiting.
	for _, lbs := range []ants.LoadBalancingStrategy{ants.RoundRobin, ants.LeastTasks} {
		t.Run(fmt.Sprintf("limited parts, strategy %d", lbs), func(t *testing.T) {
			p, err := ants.NewMultiPool(2, 1, lbs, ants.WithMaxBlockingTasks(1))
			if err != nil {
				t.Fatal(err)
			}
			gates := []chan struct{}{occupy(p), occupy(p)}
			rxs := []*oneshot.Receiver[int]{antsx.Submit(p, work), antsx.Submit(p, work)}
			if _, err := antsx.Submit(p, work).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
				t.Errorf("the third: %v", err)
			}
			for _, gate := range gates {
				close(gate)
			}
			for i, rx := range rxs {
				if v, err := rx.Recv(); v != 1 || err != nil {
					t.Errorf("%d: %v, %v", i, v, err)
				}
			}
			if err := p.ReleaseTimeout(10 * time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("limited and closed", func(t *testing.T) { // what is queued does not hide that it is
		for range 100 {
			p := newPool(t, 1, ants.WithMaxBlockingTasks(1))
			gate := occupy(p)
			rxs := []*oneshot.Receiver[int]{antsx.Submit(p, work)}
			p.Release()
			rxs = append(rxs, antsx.Submit(p, work), antsx.Submit(p, work))
			for i, rx := range rxs {
				if _, err := rx.Recv(); !errors.Is(err, ants.ErrPoolClosed) {
					t.Errorf("%d: %v", i, err)
				}
			}
			close(gate)
		}
	})
	t.Run("closed", func(t *testing.T) {
		p := newPool(t, 1)
		p.Release()
		if _, err := antsx.Submit(p, work).Recv(); !errors.Is(err, ants.ErrPoolClosed) {
			t.Errorf("a closed pool: %v", err)
		}
	})
}

// occupy makes a worker of p busy with a task that is not ours, until the
// channel is closed. The worker may be on its way back from another task: a pool
// that does not block refuses until it is there.
func occupy(p antsx.Pool) (gate chan struct{}) {
	gate = make(chan struct{})
	begun := make(chan struct{})
	go func() {
		err := ants.ErrPoolOverload
		for errors.Is(err, ants.ErrPoolOverload) {
			runtime.Gosched()
			err = p.Submit(func() { close(begun); <-gate })
		}
		if err != nil {
			panic(err)
		}
	}()
	<-begun
	return gate
}

// A call whose receiver is closed before it begins does not happen.
func TestClosedBeforeBegin(t *testing.T) {
	p := newPool(t, 1)
	gate := occupy(p)
	antsx.Submit(p, work) // so that the next is not the first in the queue
	rx := antsx.Submit(p, func() (int, error) { t.Error("called for nobody"); return 0, nil })
	rx.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	late := antsx.SubmitContext(ctx, p, func(context.Context) (int, error) {
		t.Error("called after its context had ended")
		return 0, nil
	})
	cancel(errDoom)
	close(gate)
	if _, err := late.Recv(); err != errDoom {
		t.Errorf("context ended: %v, want its cause", err)
	}
}

// The context of a call ends with it.
func TestContextEndsWithTheCall(t *testing.T) {
	p := newPool(t, 1)
	rx := antsx.SubmitContext(t.Context(), p, func(ctx context.Context) (context.Context, error) { return ctx, ctx.Err() })
	ctx, err := rx.Recv()
	if err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}

// A task that is on the only worker of a pool may submit to it, whoever
// submitted the task.
func TestSubmitInsideFullPool(t *testing.T) {
	p := newPool(t, 1)
	inner := make(chan *oneshot.Receiver[int], 2)
	outer := antsx.Submit(p, func() (int, error) {
		inner <- antsx.Submit(p, work)
		return 2, nil
	})
	if v, err := outer.Recv(); v != 2 || err != nil {
		t.Errorf("outer: %v, %v", v, err)
	}
	if err := p.Submit(func() { inner <- antsx.Submit(p, work) }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if v, err := (<-inner).Recv(); v != 1 || err != nil {
			t.Errorf("inner: %v, %v", v, err)
		}
	}
}

// Of a pool that is released, what runs ends with its result and what is queued
// with an error.
func TestRelease(t *testing.T) {
	p := newPool(t, 1)
	begun, gate := make(chan struct{}), make(chan struct{})
	running := antsx.Submit(p, func() (int, error) { close(begun); <-gate; return 1, nil })
	<-begun
	queued := []*oneshot.Receiver[int]{antsx.Submit(p, work), antsx.Submit(p, work)}
	p.Release()
	for i, rx := range queued { // while the first still runs
		if _, err := rx.Recv(); !errors.Is(err, ants.ErrPoolClosed) {
			t.Errorf("queued %d: %v", i, err)
		}
	}
	close(gate)
	if v, err := running.Recv(); v != 1 || err != nil {
		t.Errorf("running: %v, %v", v, err)
	}
	p.Reboot()
	if v, err := antsx.Submit(p, work).Recv(); v != 1 || err != nil {
		t.Errorf("after Reboot: %v, %v", v, err)
	}
}
