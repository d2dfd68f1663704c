package ants

import (
	"math"
	"reflect"

	"github.com/go-await/await/future"
)

// A guarded is a gauge of the user's. Its methods are called while a queue or a mapping
// is locked: a panic in one of them must not leave it locked. It says that no worker is
// free.
type guarded struct{ user gauge }

// guard returns g, guarded if it is not one of ants.
func guard(g gauge) gauge {
	if t := reflect.TypeOf(g); t.Kind() == reflect.Pointer && isUpstream(t.Elem()) {
		return g
	}
	return guarded{g}
}

func (g guarded) Cap() (n int) {
	defer logPanic("Cap")
	return g.user.Cap()
}

func (g guarded) Running() (n int) {
	n = math.MaxInt32
	defer logPanic("Running")
	return g.user.Running()
}

func (g guarded) Waiting() (n int) {
	defer logPanic("Waiting")
	return g.user.Waiting()
}

func (g guarded) IsClosed() (closed bool) {
	defer logPanic("IsClosed")
	return g.user.IsClosed()
}

// logPanic is deferred around a method of a pool. The handler of the log may need what is
// locked, so it has a goroutine.
func logPanic(method string) {
	if v := recover(); v != nil {
		go report(method+" of a pool panicked", future.Recovered(v))
	}
}
