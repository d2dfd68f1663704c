package ants_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func ExampleNewPoolWithFunc() {
	pool, err := antsx.NewPoolWithFunc(4, strconv.Atoi)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	good, bad := pool.Invoke("42"), pool.Invoke("many")
	fmt.Println(good.Recv())
	fmt.Println(bad.Recv())
	// Output:
	// 42 <nil>
	// 0 strconv.Atoi: parsing "many": invalid syntax
}

func ExamplePoolWithFunc_Invoke() {
	pool, err := antsx.NewPoolWithFunc(2, func(n int) (int, error) { return n * n, nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()

	squares := future.All[int](pool.Invoke(2), pool.Invoke(3))
	fmt.Println(future.Await(context.Background(), squares))
	// Output: [4 9] <nil>
}

// What upstream's pools can do a PoolWithFunc can do, too.
func ExamplePoolWithFunc() {
	pool, err := antsx.NewPoolWithFunc(1, func(gate chan struct{}) (string, error) { <-gate; return "done", nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	gate := make(chan struct{})
	call := pool.Invoke(gate)
	fmt.Println("workers:", pool.Running(), "of", pool.Cap(), "more:", pool.Free(), "waiting:", pool.Waiting())
	pool.Tune(3)
	fmt.Println("more:", pool.Free())
	close(gate)
	fmt.Println(call.Recv())

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println("released:", pool.ReleaseContext(ctx), pool.IsClosed())
	_, err = pool.Invoke(gate).Recv()
	fmt.Println(err)
	pool.Reboot()
	fmt.Println(pool.Invoke(gate).Recv())
	fmt.Println("released:", pool.ReleaseTimeout(time.Minute))
	// Output:
	// workers: 1 of 1 more: 0 waiting: 0
	// more: 2
	// done <nil>
	// released: <nil> true
	// this pool has been closed
	// done <nil>
	// released: <nil>
}

func TestPoolWithFunc(t *testing.T) {
	if _, err := antsx.NewPoolWithFunc[int, int](1, nil); !errors.Is(err, ants.ErrLackPoolFunc) {
		t.Errorf("no function: %v", err)
	}
	if _, err := antsx.NewPoolWithFunc(-1, strconv.Atoi, ants.WithPreAlloc(true)); !errors.Is(err, ants.ErrInvalidPreAllocSize) {
		t.Errorf("bad options: %v", err)
	}
	square := func(n int) (int, error) {
		switch n {
		case 12:
			return n, errDoom
		case 13:
			panic(errDoom)
		case 14:
			runtime.Goexit()
		}
		return n * n, nil
	}
	tests := []struct {
		name, reason string
		size         int
		opts         []ants.Option
	}{
		{"small", "most of the calls are queued", 2, nil},
		{"large", "no call is queued", 100, nil},
		{"unlimited", "the pool needs no queue", -1, nil},
		{"preallocated", "another kind of queue of workers", 3, []ants.Option{ants.WithPreAlloc(true)}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			p, err := antsx.NewPoolWithFunc(tc.size, square, tc.opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			rxs := make([]*oneshot.Receiver[int], 50)
			for i := range rxs {
				rxs[i] = p.Invoke(i)
			}
			for i, rx := range rxs {
				v, err := rx.Recv()
				switch i {
				case 12:
					if v != 12 || err != errDoom {
						t.Errorf("%s: an error with a value: got %v, %v, want 12, %v", tc.reason, v, err, errDoom)
					}
				case 13:
					if !errors.Is(err, errDoom) {
						t.Errorf("%s: a panic: %v", tc.reason, err)
					}
				case 14:
					if err != future.ErrGoexit {
						t.Errorf("%s: Goexit: %v", tc.reason, err)
					}
				default:
					if v != i*i || err != nil {
						t.Errorf("%s: %d: %v, %v", tc.reason, i, v, err)
					}
				}
			}
		})
	}
}

// Invocations whose receivers are closed are not made, and make room for others.
func TestPoolWithFuncGivenUp(t *testing.T) {
	begun, gate := make(chan struct{}), make(chan struct{})
	p, err := antsx.NewPoolWithFunc(1, func(n int) (int, error) {
		switch n {
		case 0:
			close(begun)
			<-gate
		case 13:
			t.Error("called for nobody")
		}
		return n, nil
	}, ants.WithMaxBlockingTasks(3))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	rxs := []*oneshot.Receiver[int]{p.Invoke(0)}
	<-begun
	rxs = append(rxs, p.Invoke(1))
	full := []*oneshot.Receiver[int]{p.Invoke(13), p.Invoke(13)}
	if _, err := p.Invoke(13).TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
		t.Errorf("one too many: %v", err)
	}
	full[0].Close()
	rxs = append(rxs, p.Invoke(2))
	full[1].Close() // and stays in the queue, behind the first
	close(gate)
	for i, rx := range rxs {
		if v, err := rx.Recv(); v != i || err != nil {
			t.Errorf("%d: %v, %v", i, v, err)
		}
	}
	if v, err := p.Invoke(3).Recv(); v != 3 || err != nil {
		t.Errorf("afterwards: %v, %v", v, err)
	}
}

func TestPoolWithFuncRefuses(t *testing.T) {
	gate := make(chan struct{})
	begun := make(chan struct{}, 10)
	wait := func(n int) (int, error) { begun <- struct{}{}; <-gate; return n, nil }
	for _, opt := range []ants.Option{ants.WithNonblocking(true), ants.WithMaxBlockingTasks(1)} {
		p, err := antsx.NewPoolWithFunc(1, wait, opt)
		if err != nil {
			t.Fatal(err)
		}
		first := p.Invoke(1)
		<-begun
		var o ants.Options
		opt(&o)
		rxs := []*oneshot.Receiver[int]{p.Invoke(2), p.Invoke(3)}
		if _, err := rxs[1].TryRecv(); !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("%+v: %v, want ErrPoolOverload", o, err)
		}
		p.Release()
		want := ants.ErrPoolClosed
		if o.Nonblocking {
			want = ants.ErrPoolOverload
		}
		if _, err := rxs[0].Recv(); !errors.Is(err, want) {
			t.Errorf("%+v: %v, want %v", o, err, want)
		}
		gate <- struct{}{}
		if v, err := first.Recv(); v != 1 || err != nil {
			t.Errorf("%+v: %v, %v", o, v, err)
		}
	}
}
