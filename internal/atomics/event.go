//go:build !interleave

package atomics

import "context"

// An Event is waited for beside a context. It is set or not, and Wait resets it.
type Event struct{ set chan struct{} }

// NewEvent returns an event that is not set.
func NewEvent() Event { return Event{make(chan struct{}, 1)} }

// Set sets the event. It does not block, also if the event was set before.
func (e Event) Set() {
	select {
	case e.set <- struct{}{}:
	default:
	}
}

// Wait returns when the event was set, which it resets, or ctx has ended.
func (e Event) Wait(ctx context.Context) {
	select {
	case <-e.set:
	case <-ctx.Done():
	}
}
