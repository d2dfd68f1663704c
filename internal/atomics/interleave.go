//go:build interleave

package atomics

import (
	"context"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/gid"
	"github.com/go-await/await/internal/interleave"
)

type (
	// Uint32 is an atomic.Uint32 whose operations are steps of a model.
	Uint32 = interleave.Uint32
	// Uint64 is an atomic.Uint64 whose operations are steps of a model.
	Uint64 = interleave.Uint64
	// Int64 is an atomic.Int64 whose operations are steps of a model.
	Int64 = interleave.Int64
	// Pointer is an atomic.Pointer whose operations are steps of a model.
	Pointer[T any] = interleave.Pointer[T]
	// Mutex is a sync.Mutex whose operations are steps of a model.
	Mutex = interleave.Mutex
	// Cond is a sync.Cond whose operations are steps of a model.
	Cond = interleave.Cond
	// Pool is a sync.Pool whose operations are steps of a model.
	Pool = interleave.Pool
	// Event is an event whose operations are steps of a model.
	Event = interleave.Event
)

// AfterFunc is time.AfterFunc and returns the timer's Stop. In a model it fires at any
// moment.
func AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return interleave.AfterFunc(d, f)
}

// ContextAfterFunc is context.AfterFunc. In a model it takes the model's own
// contexts.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return interleave.ContextAfterFunc(ctx, f)
}

// Go is the go statement. In a model the goroutine begins at any moment.
func Go(f func()) { interleave.AfterFunc(0, f) }

// Goroutine is gid.Current. In a model goroutines are numbered as they call it, so
// that their numbers are the same in every run.
func Goroutine() gid.ID { return interleave.Goroutine() }

// NewEvent returns an event that is not set.
func NewEvent() Event { return interleave.NewEvent() }

// Init gives u its first value, before another goroutine knows of it.
func Init(u *Uint32, v uint32) { u.Store(v) }

// CompareAndSwapStatic is p.CompareAndSwap(old, new) for pointers of which each
// is nil or the address of a package-level variable.
func CompareAndSwapStatic[T any](p *Pointer[T], old, new *T) bool {
	return p.CompareAndSwap(old, new)
}

// Read marks that the caller is about to read the plain memory at p, which
// other goroutines write at other times.
func Read(p unsafe.Pointer) { interleave.Read(p) }

// Write marks that the caller is about to write the plain memory at p, which
// other goroutines read or write at other times.
func Write(p unsafe.Pointer) { interleave.Write(p) }
