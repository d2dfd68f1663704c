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

func ExampleWakeable() {
	var t future.Wakeable = &miniTask{ready: make(chan *miniTask, 1)}
	t.OnWake() // notes that there is something to do; a loop elsewhere does it
	fmt.Println(len(t.(*miniTask).ready))
	// Output: 1
}

func ExampleWaker_Target() {
	t := new(miniTask)
	t.waker.Init(t)
	_, mine := t.waker.Target().(*miniTask)
	_, notMine := future.NewWaker(func() {}).Target().(*miniTask)
	fmt.Println(mine, notMine)
	// Output: true false
}

// A mailbox gets one letter, and knows when it has.
type mailbox struct {
	waker  *future.Waker
	letter future.Future[string]
}

func (m *mailbox) Settles() any               { return m }
func (m *mailbox) Holds(w *future.Waker) bool { return m.waker == w }

func (m *mailbox) Poll(w *future.Waker) (string, bool, error) {
	if m.letter == nil {
		m.waker = w
		return "", false, nil
	}
	return m.letter.Poll(w)
}

func (m *mailbox) deliver(letter string) {
	m.letter = future.Ready(letter)
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

// A tally counts the settlers that were polled with its waker.
type tally struct {
	waker         future.Waker
	settled, woke int
}

func (t *tally) OnWake()              { t.woke++ }
func (t *tally) OnSettle(failed bool) { t.settled++ }

func ExampleSettleable() {
	t := new(tally)
	t.waker.Init(t)
	var _ future.Settleable = t
	m := new(mailbox)
	var f any = m
	if s, ok := f.(future.Settler); ok && s.Settles() == f { // and does not embed one
		m.Poll(&t.waker)
	}
	m.deliver("letter")
	fmt.Println(t.settled, "settled,", t.woke, "woke")
	// Output: 1 settled, 0 woke
}

// A dish comes to a value that no Poll returns if its guest leaves before it is
// served.
type dish struct {
	drop func(string)
	gone bool
}

func (d *dish) Poll(*future.Waker) (string, bool, error) {
	if d.gone {
		return "", true, future.ErrCanceled
	}
	return "", false, nil
}

func (d *dish) Cancel() { d.gone = true }

func (d *dish) OnDrop(drop func(string)) {
	if before := d.drop; before != nil { // several calls add up
		d.drop = func(s string) { before(s); drop(s) }
		return
	}
	d.drop = drop
}

func (d *dish) serve(s string) {
	if d.gone && d.drop != nil {
		d.drop(s)
	}
}

func ExampleDropper() {
	d := new(dish)
	var _ future.Dropper[string] = d
	d.OnDrop(func(s string) { fmt.Println("not eaten:", s) })
	future.Cancel(d)
	d.serve("soup")
	// Output: not eaten: soup
}

func ExampleWaker_Settle() {
	// A future that is a Settler, on its last wake:
	w := future.NewWaker(func() { fmt.Println("woken") })
	w.Settle(false) // it has succeeded; an All may just count that
	// Output: woken
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

// An announcer is a Suspender that says what it waits for. It stands for one
// goroutine, which waits on a channel.
type announcer struct {
	waker future.Waker
	woken chan struct{}
	turn  uint32
}

func (a *announcer) OnWake() {
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

func (a *announcer) Enter() (w *future.Waker, turn uint32) { return &a.waker, a.turn }

func (a *announcer) Suspend(ctx context.Context, awaited any, turn uint32) uint32 {
	if a.turn == turn { // else what is awaited has awaited something itself
		fmt.Printf("waiting for a %T\n", awaited)
		<-a.woken
		a.turn++
	}
	return a.turn
}

func ExampleWithSuspender() {
	a := &announcer{woken: make(chan struct{}, 1)}
	a.waker.Init(a)
	ctx := future.WithSuspender(context.Background(), a)
	polls := 0
	twice := future.Func(func(w *future.Waker) (string, bool, error) {
		w.Wake()
		polls++
		if polls < 2 {
			return "", false, nil
		}
		return "done", true, nil
	})
	fmt.Println(future.Await(ctx, twice))
	// Output:
	// waiting for a *future.pollFunc[string]
	// done <nil>
}

// Code that is told of neither finds out whether it may suspend.
func ExampleSuspenderOf() {
	fmt.Println(future.SuspenderOf(context.Background()))
	a := new(announcer)
	ctx, cancel := context.WithCancel(future.WithSuspender(context.Background(), a))
	defer cancel()
	fmt.Println(future.SuspenderOf(ctx) == a)
	// Output:
	// <nil>
	// true
}

func ExampleSuspender() {
	var s future.Suspender = &announcer{woken: make(chan struct{}, 1)}
	w, turn := s.Enter() // nil if this goroutine were not the task's own
	fmt.Println(w != nil)
	s.(*announcer).OnWake()
	now := s.Suspend(context.Background(), "the post", turn) // returns once w has been woken
	fmt.Println(now == turn)
	// Output:
	// true
	// waiting for a string
	// false
}
