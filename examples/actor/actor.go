package main

import (
	"errors"
	"sync"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// An actor is a goroutine that owns some state, and does with it what it is asked
// to, one request at a time.
type actor[S any] struct {
	mu      sync.RWMutex // held for writing to close mailbox, and for reading to send
	stopped bool
	mailbox chan func(*S)
	done    chan struct{}
}

// Why a request was not accepted.
var (
	errStopped = errors.New("the actor has stopped")
	errBusy    = errors.New("the actor has too many requests")
)

// newActor starts an actor. It refuses requests when it has a backlog of so many.
func newActor[S any](state *S, backlog int) *actor[S] {
	a := &actor[S]{mailbox: make(chan func(*S), backlog), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		for request := range a.mailbox {
			request(state)
		}
	}()
	return a
}

// ask has the actor call fn and returns the receiver of the reply: what fn
// returns, a panic of fn as an error, or why the actor did not take the request.
// It does not block, so that tasks may ask. A request whose receiver is closed
// before its turn comes is skipped.
func ask[S, R any](a *actor[S], fn func(state *S) (R, error)) *oneshot.Receiver[R] {
	tx, rx := oneshot.New[R]()
	if err := a.post(func(state *S) { reply(tx, state, fn) }); err != nil {
		_ = tx.Fail(err)
	}
	return rx
}

func (a *actor[S]) post(request func(*S)) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.stopped {
		return errStopped
	}
	select {
	case a.mailbox <- request:
		return nil
	default:
		return errBusy
	}
}

// reply runs on the actor's goroutine.
func reply[S, R any](tx *oneshot.Sender[R], state *S, fn func(*S) (R, error)) {
	if tx.IsClosed() {
		return
	}
	returned := false
	defer func() {
		if !returned {
			_ = tx.Fail(future.Recovered(recover()))
		}
	}()
	r, err := fn(state)
	returned = true
	if err != nil {
		_ = tx.Fail(err)
		return
	}
	_ = tx.Send(r)
}

// stop ends the actor once it has served what it has taken.
func (a *actor[S]) stop() {
	a.mu.Lock()
	if !a.stopped {
		a.stopped = true
		close(a.mailbox)
	}
	a.mu.Unlock()
	<-a.done
}
