package oneshot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A server goroutine replies to each request on a channel of its own.
func Example() {
	type request struct {
		n     int
		reply *oneshot.Sender[int]
	}
	requests := make(chan request)
	go func() {
		for r := range requests {
			r.reply.Send(r.n * r.n)
		}
	}()
	for n := range 3 {
		tx, rx := oneshot.New[int]()
		requests <- request{n, tx}
		fmt.Println(rx.Recv())
	}
	close(requests)
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 4 <nil>
}

func ExampleNew() {
	tx, rx := oneshot.New[string]()
	go func() {
		defer tx.Close() // if it returns or panics without a message
		tx.Send("hello")
	}()
	fmt.Println(rx.Recv())
	// Output: hello <nil>
}

func ExampleNewGuarded() {
	_, rx := oneshot.NewGuarded[string]() // the Sender is dropped
	runtime.GC()
	_, err := rx.Recv()
	fmt.Println(err)
	// Output: oneshot: sender is gone
}

func ExampleSender_Send() {
	tx, rx := oneshot.New[int]()
	fmt.Println(tx.Send(1))
	fmt.Println(tx.Send(2))
	fmt.Println(rx.TryRecv())

	tx, rx = oneshot.New[int]()
	rx.Close()
	fmt.Println(tx.Send(3))
	// Output:
	// <nil>
	// oneshot: sender was already used
	// 1 <nil>
	// oneshot: receiver is closed
}

func ExampleSender_Fail() {
	tx, rx := oneshot.New[int]()
	tx.Fail(errors.New("no such number"))
	fmt.Println(rx.Recv())
	// Output: 0 no such number
}

func ExampleSender_Close() {
	tx, rx := oneshot.New[int]()
	func() {
		defer tx.Close()
		// A return that forgot to send.
	}()
	fmt.Println(rx.Recv())
	// Output: 0 oneshot: sender is gone
}

func ExampleSender_IsClosed() {
	tx, rx := oneshot.New[int]()
	fmt.Println(tx.IsClosed())
	rx.Close()
	fmt.Println(tx.IsClosed())
	// Output:
	// false
	// true
}

func ExampleSender_Closed() {
	tx, rx := oneshot.New[int]()
	go rx.Close()
	if _, err := future.Await(context.Background(), tx.Closed()); err == nil {
		fmt.Println("nobody waits for the result")
	}
	// Output: nobody waits for the result
}

func ExampleSender_Context() {
	tx, rx := oneshot.New[int]()
	ctx, cancel := tx.Context(context.Background())
	defer cancel()
	go rx.Close()
	<-ctx.Done() // as would the query or the request that has ctx
	fmt.Println(context.Cause(ctx))
	// Output: oneshot: receiver is closed
}

func ExampleReceiver_TryRecv() {
	tx, rx := oneshot.New[int]()
	fmt.Println(rx.TryRecv())
	tx.Send(7)
	fmt.Println(rx.TryRecv())
	fmt.Println(rx.TryRecv())
	// Output:
	// 0 oneshot: no message yet
	// 7 <nil>
	// 0 oneshot: message was already received
}

func ExampleReceiver_Recv() {
	tx, rx := oneshot.New[int]()
	go tx.Send(7)
	fmt.Println(rx.Recv())
	// Output: 7 <nil>
}

func ExampleReceiver_RecvTimeout() {
	tx, rx := oneshot.New[int]()
	_, err := rx.RecvTimeout(time.Millisecond)
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	tx.Send(7) // it can still be received
	fmt.Println(rx.RecvTimeout(0))
	// Output:
	// future: timeout true
	// 7 <nil>
}

func ExampleReceiver_RecvDeadline() {
	_, rx := oneshot.New[int]()
	_, err := rx.RecvDeadline(time.Now().Add(time.Millisecond))
	fmt.Println(err == oneshot.ErrTimeout)
	// Output: true
}

func ExampleReceiver_RecvContext() {
	_, rx := oneshot.New[int]()
	ctx, cancel := context.WithCancelCause(context.Background())
	go cancel(errors.New("the client has gone"))
	_, err := rx.RecvContext(ctx)
	fmt.Println(err)
	// Output: the client has gone
}

func ExampleReceiver_Poll() {
	tx, rx := oneshot.New[int]()
	w := future.NewWaker(func() { fmt.Println("woken") })
	_, ready, _ := rx.Poll(w)
	fmt.Println(ready)
	tx.Send(7)
	fmt.Println(rx.Poll(w))
	// Output:
	// false
	// woken
	// 7 true <nil>
}

// A Receiver is awaited like any other future.
func ExampleReceiver_Poll_await() {
	tx, rx := oneshot.New[int]()
	doubled := future.Map(rx, func(n int) (int, error) { return 2 * n, nil })
	go tx.Send(21)
	fmt.Println(future.Await(context.Background(), doubled))
	// Output: 42 <nil>
}

func ExampleReceiver_Close() {
	tx, rx := oneshot.New[int]()
	tx.Send(7)
	rx.Close() // lets the message go
	fmt.Println(rx.TryRecv())
	// Output: 0 oneshot: receiver is closed
}

func ExampleReceiver_Cancel() {
	tx, rx := oneshot.New[int]()
	tx.Send(7)
	rx.Cancel() // keeps what has come
	fmt.Println(rx.TryRecv())

	tx, rx = oneshot.New[int]()
	rx.Cancel()
	fmt.Println(tx.Send(7))
	// Output:
	// 7 <nil>
	// oneshot: receiver is closed
}

func ExampleReceiver_HasMessage() {
	tx, rx := oneshot.New[int]()
	fmt.Println(rx.HasMessage())
	tx.Send(7)
	fmt.Println(rx.HasMessage())
	// Output:
	// false
	// true
}

func ExampleReceiver_IsClosed() {
	tx, rx := oneshot.New[int]()
	fmt.Println(rx.IsClosed())
	tx.Send(7)
	fmt.Println(rx.IsClosed())
	rx.Recv()
	fmt.Println(rx.IsClosed())
	// Output:
	// false
	// false
	// true
}

// Every error that this package makes, and what brings it about.
func Example_errors() {
	show := func(err, is error) { fmt.Println(errors.Is(err, is), err) }

	tx, rx := oneshot.New[int]()
	_, err := rx.TryRecv()
	show(err, oneshot.ErrEmpty)
	_, err = rx.RecvTimeout(0)
	show(err, oneshot.ErrTimeout)
	for _, r := range future.Completed(context.Background(), future.Go(rx.Recv), future.Go(rx.Recv)) {
		if r.Err != nil { // of whichever came second
			show(r.Err, oneshot.ErrBusy)
			tx.Send(1)
		}
	}
	show(tx.Send(2), oneshot.ErrSent)
	_, err = rx.Recv()
	show(err, oneshot.ErrReceived)
	show(err, future.ErrConsumed)

	tx, rx = oneshot.New[int]()
	tx.Close()
	_, err = rx.Recv()
	show(err, oneshot.ErrDisconnected)

	tx, rx = oneshot.New[int]()
	rx.Close()
	show(tx.Send(3), oneshot.ErrClosed)
	_, err = rx.Recv()
	show(err, oneshot.ErrClosed)
	show(err, future.ErrCanceled)
	// Output:
	// true oneshot: no message yet
	// true future: timeout
	// true future: another consumer waits for this future
	// true oneshot: sender was already used
	// true oneshot: message was already received
	// true oneshot: message was already received
	// true oneshot: sender is gone
	// true oneshot: receiver is closed
	// true oneshot: receiver is closed
	// true oneshot: receiver is closed
}

func ExampleSender_SendResult() {
	tx, rx := oneshot.New[string]()
	tx.SendResult("the first half", io.ErrUnexpectedEOF) // as a function returns them
	v, err := rx.Recv()
	fmt.Printf("%q, %v\n", v, err)
	// Output: "the first half", unexpected EOF
}

func ExampleSender_IsOver() {
	tx, rx := oneshot.New[int]()
	fmt.Println(tx.IsOver())
	tx.Send(1)
	fmt.Println(tx.IsOver(), tx.IsClosed())
	rx.Close()
	fmt.Println(tx.IsOver(), tx.IsClosed())
	// Output:
	// false
	// true false
	// true true
}

func ExampleSender_OnClose() {
	tx, rx := oneshot.New[int]()
	stop := tx.OnClose(func() { fmt.Println("stop the query") })
	defer stop()
	rx.Close() // the one who asked has gone
	fmt.Println(tx.Send(1))
	// Output:
	// stop the query
	// oneshot: receiver is closed
}

func ExampleReceiver_OnDrop() {
	tx, rx := oneshot.New[io.Closer]()
	rx.OnDrop(func(c io.Closer) { c.Close() })
	tx.Send(closer{})
	rx.Close() // with the message in it
	// Output: closed
}

type closer struct{}

func (closer) Close() error {
	fmt.Println("closed")
	return nil
}

func ExampleSender_String() {
	tx, rx := oneshot.New[int]()
	rx.Close()
	fmt.Println(tx)
	// Output: oneshot.Sender(closed)
}

func ExampleReceiver_String() {
	tx, rx := oneshot.New[int]()
	fmt.Println(rx)
	tx.Send(1)
	fmt.Println(rx)
	// Output:
	// oneshot.Receiver(empty)
	// oneshot.Receiver(message)
}
