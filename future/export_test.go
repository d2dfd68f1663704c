package future

// TimerActive reports whether the timer of f, a Timeout or an After, was started
// and has neither fired nor been stopped. It stops it.
func TimerActive(f any) bool {
	var a *alarm
	switch f := f.(type) {
	case *after:
		a = &f.alarm
	case *deadline[int]:
		a = &f.alarm
	}
	return a.disarm != nil && a.disarm()
}

// TimerStarted reports whether f, a Timeout or an After, has had a timer.
func TimerStarted(f any) bool {
	switch f := f.(type) {
	case *after:
		return f.alarm.disarm != nil
	case *deadline[int]:
		return f.alarm.disarm != nil
	}
	panic("no timer")
}

// GoLater is Go, but for starting the goroutine: that would call run.
func GoLater(fn func() (int, error)) (f Future[int], run func()) {
	g := new(goroutine[int])
	return g, func() { g.run(fn) }
}
