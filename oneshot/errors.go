package oneshot

import (
	"errors"

	"github.com/go-await/await/future"
)

var (
	// ErrEmpty is returned by TryRecv while nothing has been sent.
	ErrEmpty = errors.New("oneshot: no message yet")

	// ErrDisconnected is returned by the receives when the Sender was closed,
	// or collected as garbage if it is a guarded one, without sending.
	ErrDisconnected = errors.New("oneshot: sender is gone")

	// ErrSent is returned by Send and Fail of a Sender that was used before: it
	// has sent, failed or been closed. The future of Closed ends with it too.
	ErrSent = errors.New("oneshot: sender was already used")

	// ErrBusy is returned by a receive that would have to wait while another
	// goroutine is blocked in a receive of the same Receiver.
	ErrBusy = errors.New("oneshot: another goroutine waits for the message")

	// ErrClosed is returned by Send and Fail when the Receiver is gone, and by
	// every receive of a Receiver that was closed. It is future.ErrCanceled by
	// errors.Is.
	ErrClosed error = &kind{"oneshot: receiver is closed", future.ErrCanceled}

	// ErrReceived is returned by every receive after the one that took the
	// message, or the error sent in its place. It is future.ErrConsumed by
	// errors.Is.
	ErrReceived error = &kind{"oneshot: message was already received", future.ErrConsumed}

	// ErrTimeout is returned by RecvTimeout and RecvDeadline. It is
	// future.ErrTimeout.
	ErrTimeout = future.ErrTimeout
)

// A kind is a sentinel that is also one of package future's.
type kind struct {
	text string
	is   error
}

func (e *kind) Error() string { return e.text }
func (e *kind) Unwrap() error { return e.is }
