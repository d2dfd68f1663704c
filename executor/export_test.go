package executor

// Watching reports whether the stall watch's timer is set.
func Watching(e *Executor) bool { return e.watch.armed.Load() }
