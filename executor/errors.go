package executor

import "errors"

var (
	// ErrClosed is the result of a task that was given to an executor or a group
	// that takes no more, and the cause with which Close, and the end of Run,
	// cancel the tasks that live.
	ErrClosed = errors.New("executor: closed")

	// ErrNoExecutor is returned by Scope when its context descends from no task
	// of an executor.
	ErrNoExecutor = errors.New("executor: not in a task")

	// ErrOwnTask is returned by Shutdown and Close when one of the executor's
	// own tasks calls them: it would wait for itself.
	ErrOwnTask = errors.New("executor: cannot wait for the task that waits")
)
