package future

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
)

var (
	// ErrConsumed is what Poll returns once the result has been taken, or a Poll
	// has panicked.
	ErrConsumed = errors.New("future: result was already taken")

	// ErrCanceled is what Poll returns after the future was canceled. It is
	// context.Canceled by errors.Is.
	ErrCanceled error = canceledError{}

	// ErrBusy is what the second consumer of a future gets while the first one
	// waits for it. The first is not disturbed: ErrBusy is not the future's
	// result, and a later Poll may give that.
	ErrBusy = errors.New("future: another consumer waits for this future")

	// ErrGoexit is the result of a function that ended its goroutine with
	// runtime.Goexit, as testing's FailNow and SkipNow do, instead of returning.
	ErrGoexit = errors.New("future: runtime.Goexit was called")

	// ErrNil is the result of a future that is nil. The error that a combinator gives
	// for a nil argument names the argument, and is ErrNil by errors.Is.
	ErrNil = errors.New("future: nil Future")

	// ErrNoFutures is the result of waiting for the first of no futures at all: of
	// Race and Any without arguments, and of Set.Next when the Set is empty.
	ErrNoFutures = errors.New("future: no futures to wait for")

	// ErrChanClosed is the result of FromChan when the channel is closed.
	ErrChanClosed = errors.New("future: channel is closed")

	// ErrTimeout is the result of a wait that lasted too long. Its methods
	// Timeout and Temporary report true, as those of net's errors, and it is both
	// context.DeadlineExceeded and os.ErrDeadlineExceeded by errors.Is. A Timeout
	// whose own time is up gives ErrTimeout itself; the ErrTimeout of one inside of
	// it is passed on wrapped. So err == ErrTimeout means the outermost one, and
	// errors.Is(err, ErrTimeout) any.
	ErrTimeout error = timeoutError{}
)

type canceledError struct{}

func (canceledError) Error() string        { return "future: canceled" }
func (canceledError) Is(target error) bool { return target == context.Canceled }

type timeoutError struct{}

func (timeoutError) Error() string   { return "future: timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
func (timeoutError) Is(target error) bool {
	return target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded
}

// Recovered returns the error for a function that did not return: what recover
// gave, called in a deferred function that knows that it did not. A nil r is
// [ErrGoexit], since recover returns nil for a panic no more; a [*PanicError]
// that was panicked again is returned as it is, with its first stack; anything
// else becomes a [*PanicError] with the stack of the caller, which is the stack
// of the panic.
//
//	returned := false
//	defer func() {
//		if !returned {
//			err = future.Recovered(recover())
//		}
//	}()
//	v, err = fn()
//	returned = true
//
// After a Goexit the goroutine goes on exiting: the error must leave by another
// way than a return.
func Recovered(r any) error {
	switch r := r.(type) {
	case nil:
		return ErrGoexit
	case *PanicError:
		return r
	default:
		return &PanicError{Value: r, Stack: debug.Stack()}
	}
}
