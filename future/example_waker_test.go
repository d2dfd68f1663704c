package future_test

import (
	"context"
	"fmt"

	"github.com/go-await/await/future"
)

func ExampleNewWaker() {
	w := future.NewWaker(func() { fmt.Println("woken") })
	set := new(future.Set[int])
	set.Add(future.Never[int]())
	_, ready, _ := set.Next().Poll(w)
	fmt.Println(ready)
	set.Add(future.Ready(1)) // a further Poll makes progress
	// Output:
	// false
	// woken
}

// A task has its waker in it, so that no wake and no Poll allocates.
type miniTask struct {
	waker future.Waker
	ready chan *miniTask
}

func (t *miniTask) OnWake() { t.ready <- t }

func ExampleWaker_Init() {
	t := &miniTask{ready: make(chan *miniTask, 1)}
	t.waker.Init(t)
	t.waker.Wake()
	fmt.Println(<-t.ready == t)
	// Output: true
}

// A mailbox gets one letter, and knows when it has.
type mailbox struct {
	waker  *future.Waker
	letter string
}

func (m *mailbox) Settles() {}

func (m *mailbox) Poll(w *future.Waker) (string, bool, error) {
	m.waker = w
	return m.letter, m.letter != "", nil
}

func (m *mailbox) deliver(letter string) {
	m.letter = letter
	m.waker.Settle(false)
}

func ExampleSettler() {
	wakes := 0
	w := future.NewWaker(func() { wakes++ })
	a, b := new(mailbox), new(mailbox)
	all := future.All[string](a, b)
	all.Poll(w)
	a.deliver("first")
	fmt.Println(wakes)
	b.deliver("second")
	fmt.Println(wakes)
	fmt.Println(all.Poll(w))
	// Output:
	// 0
	// 1
	// [first second] true <nil>
}

func ExampleCancel() {
	f := future.Finally(future.Never[int](), func() { fmt.Println("released") })
	future.Cancel(f)
	_, err := future.Await(context.Background(), f)
	fmt.Println(err)
	// Output:
	// released
	// future: canceled
}

func ExampleRecovered() {
	call := func(fn func()) (err error) {
		returned := false
		defer func() {
			if !returned {
				err = future.Recovered(recover())
			}
		}()
		fn()
		returned = true
		return nil
	}
	err := call(func() { panic("oops") })
	fmt.Println(err.(*future.PanicError).Value)
	// Output: oops
}
