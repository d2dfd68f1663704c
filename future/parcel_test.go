package future_test

import (
	"sync"

	"github.com/go-await/await/future"
)

// A parcel is a leaf that keeps a result through Cancel, as receivers of messages
// do, and says whether one was accepted.
type parcel[T any] struct {
	mu      sync.Mutex
	waker   *future.Waker
	result  *future.Result[T]
	closed  bool // canceled before there was a result
	taken   bool
	cancels int
	polled  int
	drops   []func(T)
}

// send reports whether the result was accepted: it comes out of a Poll then.
func (p *parcel[T]) send(v T, err error) bool {
	p.mu.Lock()
	if p.closed || p.result != nil || p.taken {
		p.mu.Unlock()
		return false
	}
	p.result = &future.Result[T]{Value: v, Err: err}
	w := p.waker
	p.mu.Unlock()
	w.Wake()
	return true
}

// come is send for what comes also after Cancel, as from a goroutine: it is dropped
// then.
func (p *parcel[T]) come(v T, err error) {
	if p.send(v, err) {
		return
	}
	p.mu.Lock()
	drops := p.drops
	p.drops = nil
	p.mu.Unlock()
	if err == nil {
		for _, drop := range drops {
			drop(v)
		}
	}
}

func (p *parcel[T]) Poll(w *future.Waker) (v T, ready bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polled++
	switch {
	case p.taken:
		return v, true, future.ErrConsumed
	case p.closed:
		return v, true, future.ErrCanceled
	case p.result == nil:
		p.waker = w
		return v, false, nil
	}
	p.taken = true
	return p.result.Value, true, p.result.Err
}

func (p *parcel[T]) Cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancels++
	p.closed = p.closed || p.result == nil
}

func (p *parcel[T]) OnDrop(drop func(T)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops = append(p.drops, drop)
}
