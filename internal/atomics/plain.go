//go:build !interleave && !delay

package atomics

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/gid"
)

type (
	// Uint32 is atomic.Uint32.
	Uint32 = atomic.Uint32
	// Uint64 is atomic.Uint64.
	Uint64 = atomic.Uint64
	// Int64 is atomic.Int64.
	Int64 = atomic.Int64
	// Pointer is atomic.Pointer.
	Pointer[T any] = atomic.Pointer[T]
	// Mutex is sync.Mutex.
	Mutex = sync.Mutex
	// Cond is sync.Cond.
	Cond = sync.Cond
	// Pool is sync.Pool.
	Pool = sync.Pool
)

// AfterFunc is time.AfterFunc and returns the timer's Stop.
func AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// ContextAfterFunc is context.AfterFunc.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, f)
}

// Go is the go statement.
func Go(f func()) { go f() }

// Goroutine is gid.Current.
func Goroutine() gid.ID { return gid.Current() }

// Init gives u its first value, before another goroutine knows of it: a plain write, which
// costs less than Store (BenchmarkSpawn10000).
func Init(u *Uint32, v uint32) {
	// SAFETY: a Uint32 is the word that it holds.
	*(*uint32)(unsafe.Pointer(u)) = v
}

// CompareAndSwapStatic is p.CompareAndSwap(old, new) for pointers of which each
// is nil or the address of a package-level variable.
//
// The collector's write barrier is for pointers into the heap. Without it the
// compiler has one instruction for what is a function call otherwise.
func CompareAndSwapStatic[T any](p *Pointer[T], old, new *T) bool {
	// SAFETY: a Pointer is the word that it holds. Neither the pointer that is
	// overwritten nor the new one keeps anything alive.
	return atomic.CompareAndSwapUintptr((*uintptr)(unsafe.Pointer(p)),
		uintptr(unsafe.Pointer(old)), uintptr(unsafe.Pointer(new)))
}

// Read marks that the caller is about to read the plain memory at p, which
// other goroutines write at other times.
//
// Read and Write have a type parameter, which is always unsafe.Pointer, so that
// they vanish from generic code of other packages too. That is compiled by its
// importers, at any distance. The compiler hands them the body of a generic
// function, and that of another one only if the package between has inlined it.
func Read[P unsafe.Pointer](p P) {}

// Write marks that the caller is about to write the plain memory at p, which
// other goroutines read or write at other times.
func Write[P unsafe.Pointer](p P) {}
