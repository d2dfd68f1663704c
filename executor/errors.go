package executor

import (
	"context"
	"errors"

	"github.com/go-await/await/future"
)

var (
	// ErrClosed is the cause with which Close, and the end of Run, cancel the tasks
	// that live. It is context.Canceled by errors.Is.
	ErrClosed error = &sentinel{"executor: closed", context.Canceled}

	// ErrRefused is the result of a task that was given to an executor that takes no
	// more: the task has not run. It is ErrClosed and context.Canceled by errors.Is.
	ErrRefused error = &sentinel{"executor: task refused: the executor is closed", ErrClosed}

	// ErrScopeEnded is the result of a task that was given to a TaskGroup whose Scope
	// or Supervise has ended: the task has not run. It is not ErrClosed.
	ErrScopeEnded = errors.New("executor: task refused: its scope has ended")

	// ErrNoExecutor is returned by Scope and Supervise, and is the result of a task of
	// GoContext, when the context descends from no task.
	ErrNoExecutor = errors.New("executor: not in a task")

	// ErrOwnTask is returned by Shutdown and Close when one of the executor's own
	// tasks calls them, and by Poll of a Handle when the handle's own task calls it:
	// the task would wait for itself.
	ErrOwnTask = errors.New("executor: cannot wait for the task that waits")
)

// A sentinel is an error that is another one too.
type sentinel struct {
	text string
	is   error
}

func (e *sentinel) Error() string { return e.text }
func (e *sentinel) Unwrap() error { return e.is }

// A takenError is what a handle gives once its result was taken. It is the task
// under another type, so that it allocates nothing.
type takenError task

func (e *takenError) Error() string {
	return "executor: result of " + (*task)(e).describe() + " was already taken"
}

func (e *takenError) Is(target error) bool { return target == future.ErrConsumed }

// A canceledError is what a handle gives once it was canceled. It is the task under
// another type, as a takenError is.
type canceledError task

func (e *canceledError) Error() string {
	return "executor: " + (*task)(e).describe() + " was canceled"
}

// Unwrap makes it future.ErrCanceled, and so context.Canceled.
func (e *canceledError) Unwrap() error { return future.ErrCanceled }
