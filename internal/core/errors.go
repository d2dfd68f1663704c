package core

import (
	"errors"

	"github.com/go-await/await/future"
)

// The errors of package oneshot, which documents them.
var (
	ErrEmpty        = errors.New("oneshot: no message yet")
	ErrDisconnected = errors.New("oneshot: sender is gone")
	ErrSent         = errors.New("oneshot: sender was already used")
	ErrBusy         = future.ErrBusy
	ErrTimeout      = future.ErrTimeout

	ErrClosed   error = &kind{"oneshot: receiver is closed", future.ErrCanceled}
	ErrReceived error = &kind{"oneshot: message was already received", future.ErrConsumed}
)

// A kind is a sentinel that is also one of package future's.
type kind struct {
	text string
	is   error
}

func (e *kind) Error() string { return e.text }
func (e *kind) Unwrap() error { return e.is }
