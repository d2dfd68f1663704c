package oneshot

import (
	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/core"
)

var (
	// ErrEmpty is returned by TryRecv while nothing has been sent.
	ErrEmpty = core.ErrEmpty

	// ErrDisconnected is returned by the receives when the Sender was closed,
	// or collected as garbage if it is a guarded one, without sending.
	ErrDisconnected = core.ErrDisconnected

	// ErrSent is returned by Send, SendResult and Fail of a Sender that was used
	// before: it has sent, failed or been closed. The future of Closed ends with it
	// too.
	ErrSent = core.ErrSent

	// ErrBusy is returned by a receive that would have to wait while another
	// consumer waits for the message. It is future.ErrBusy.
	ErrBusy = future.ErrBusy

	// ErrClosed is returned by Send, SendResult and Fail when the Receiver is gone,
	// and by every receive of a Receiver that was closed. It is future.ErrCanceled,
	// and so context.Canceled, by errors.Is.
	ErrClosed error = core.ErrClosed

	// ErrReceived is returned by every receive after the one that took the
	// message, or the error sent in its place. It is future.ErrConsumed by
	// errors.Is.
	ErrReceived error = core.ErrReceived

	// ErrTimeout is returned by RecvTimeout and RecvDeadline. It is
	// future.ErrTimeout.
	ErrTimeout = future.ErrTimeout
)
