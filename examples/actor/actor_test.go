package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

func expect(t *testing.T, v int, err error, want int, wantErr error) {
	t.Helper()
	if v != want || !errors.Is(err, wantErr) {
		t.Errorf("got %v, %v, want %v, %v", v, err, want, wantErr)
	}
}

// expectNow checks that a request was refused, without a wait.
func expectNow(t *testing.T, rx future.Future[int], wantErr error) {
	t.Helper()
	v, ready, err := rx.Poll(nil)
	if !ready {
		t.Fatal("the request was not refused")
	}
	expect(t, v, err, 0, wantErr)
}

func add(n int) func(*int) (int, error) {
	return func(sum *int) (int, error) {
		*sum += n
		return *sum, nil
	}
}

// One actor is asked by a goroutine, which blocks, and by a task, which does not.
func TestAskFromBoth(t *testing.T) {
	a := newActor(new(int), 1)
	defer a.stop()
	v, err := ask(a, add(1)).Recv()
	expect(t, v, err, 1, nil)
	v, err = executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		return future.Await(ctx, ask(a, add(2)))
	})
	expect(t, v, err, 3, nil)
}

func TestErrors(t *testing.T) {
	a := newActor(new(int), 10)
	v, err := ask(a, func(*int) (int, error) { return 1, errNoMoney }).Recv()
	expect(t, v, err, 0, errNoMoney)
	_, err = ask(a, func(*int) (int, error) { panic(errNoMoney) }).Recv()
	if p := (*future.PanicError)(nil); !errors.As(err, &p) || p.Value != errNoMoney {
		t.Errorf("got %v, want the panic", err)
	}
	v, err = ask(a, add(1)).Recv() // it lives on
	expect(t, v, err, 1, nil)
	a.stop()
	a.stop()
	expectNow(t, ask(a, add(1)), errStopped)
}

// Stop waits until what was taken is served.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sum := 0
		a := newActor(&sum, 2)
		for range 2 {
			ask(a, func(sum *int) (int, error) {
				time.Sleep(time.Second)
				return add(1)(sum)
			})
		}
		a.stop()
		if sum != 2 {
			t.Errorf("%d requests were served, want 2", sum)
		}
	})
}

// An account gives what is in it, to the last, and no more.
func TestTransfer(t *testing.T) {
	b := openBank(1)
	defer b.close()
	for _, tt := range []struct {
		from, to, amount int
		left             int
		err              error
	}{
		{0, 1, 30, 70, nil},
		{0, 1, 71, 0, errNoMoney},
		{0, 1, 70, 0, nil},
		{0, 1, 1, 0, errNoMoney},
		{1, 0, 200, 0, nil},
		{0, 0, 200, 200, nil},
	} {
		left, err := b.transfer(tt.from, tt.to, tt.amount).Recv()
		expect(t, left, err, tt.left, tt.err)
	}
	if got := b.sum(); got != 10000 {
		t.Errorf("the bank has %d", got)
	}
}

// What was taken is served, also when the actor is to stop; what nobody waits for
// is not; and what does not fit is refused at once.
func TestMailbox(t *testing.T) {
	a := newActor(new(int), 3)
	serving, goOn := make(chan struct{}), make(chan struct{})
	first := ask(a, func(sum *int) (int, error) {
		close(serving)
		<-goOn
		return add(1)(sum)
	})
	<-serving
	second, gone, third, refused := ask(a, add(10)), ask(a, add(100)), ask(a, add(1000)), ask(a, add(10000))
	expectNow(t, refused, errBusy)
	gone.Close()
	stopped := future.Go(func() (struct{}, error) { a.stop(); return struct{}{}, nil })
	close(goOn)
	v, err := first.Recv()
	expect(t, v, err, 1, nil)
	v, err = second.Recv()
	expect(t, v, err, 11, nil)
	v, err = third.Recv()
	expect(t, v, err, 1011, nil)
	if _, err := future.Await(t.Context(), stopped); err != nil {
		t.Error(err)
	}
}
