//go:build delay && !interleave

package atomics

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/gid"
)

// delay does nothing most of the time, yields once in 8 times and hesitates once
// in 64 times, for up to about ten microseconds.
//
// It does not sleep, since that would advance the time of a synctest bubble. The
// random numbers are the runtime's: a source of our own would synchronize its
// users, and thus hide data races.
func delay() {
	n := rand.Uint32()
	switch {
	case n%64 == 0:
		for range n >> 16 % 100 {
			runtime.Gosched()
		}
	case n%8 == 0:
		runtime.Gosched()
	}
}

// Uint32 is an atomic.Uint32 whose operations delay.
type Uint32 struct {
	integer[uint32, atomic.Uint32, *atomic.Uint32]
}

// Uint64 is an atomic.Uint64 whose operations delay.
type Uint64 struct {
	integer[uint64, atomic.Uint64, *atomic.Uint64]
}

// Int64 is an atomic.Int64 whose operations delay.
type Int64 struct {
	integer[int64, atomic.Int64, *atomic.Int64]
}

// An integer is one of sync/atomic's: a *A has the methods below.
type integer[N, A any, P interface {
	*A
	Load() N
	Store(N)
	Swap(N) N
	CompareAndSwap(old, new N) bool
	Add(N) N
	And(N) N
	Or(N) N
}] struct{ word A }

func (i *integer[N, A, P]) Load() N    { delay(); return P(&i.word).Load() }
func (i *integer[N, A, P]) Store(v N)  { delay(); P(&i.word).Store(v) }
func (i *integer[N, A, P]) Swap(v N) N { delay(); return P(&i.word).Swap(v) }
func (i *integer[N, A, P]) Add(v N) N  { delay(); return P(&i.word).Add(v) }
func (i *integer[N, A, P]) And(v N) N  { delay(); return P(&i.word).And(v) }
func (i *integer[N, A, P]) Or(v N) N   { delay(); return P(&i.word).Or(v) }
func (i *integer[N, A, P]) CompareAndSwap(old, new N) bool {
	delay()
	return P(&i.word).CompareAndSwap(old, new)
}

// Pointer is an atomic.Pointer whose operations delay.
type Pointer[T any] struct{ word atomic.Pointer[T] }

// Load is Load of atomic.Pointer.
func (p *Pointer[T]) Load() *T { delay(); return p.word.Load() }

// Store is Store of atomic.Pointer.
func (p *Pointer[T]) Store(v *T) { delay(); p.word.Store(v) }

// Swap is Swap of atomic.Pointer.
func (p *Pointer[T]) Swap(v *T) *T { delay(); return p.word.Swap(v) }

// CompareAndSwap is CompareAndSwap of atomic.Pointer.
func (p *Pointer[T]) CompareAndSwap(old, new *T) bool {
	delay()
	return p.word.CompareAndSwap(old, new)
}

// Mutex is a sync.Mutex whose operations delay.
type Mutex struct{ mutex sync.Mutex }

// Lock is Lock of sync.Mutex.
func (m *Mutex) Lock() { delay(); m.mutex.Lock() }

// TryLock is TryLock of sync.Mutex.
func (m *Mutex) TryLock() bool { delay(); return m.mutex.TryLock() }

// Unlock is Unlock of sync.Mutex.
func (m *Mutex) Unlock() { m.mutex.Unlock(); delay() }

// Cond is a sync.Cond whose operations delay.
type Cond struct {
	L    sync.Locker
	cond sync.Cond
}

// Wait is Wait of sync.Cond, between two delays.
func (c *Cond) Wait() {
	delay()
	c.cond.L = c.L
	c.cond.Wait()
	delay()
}

// Signal is Signal of sync.Cond.
func (c *Cond) Signal() { delay(); c.cond.Signal() }

// Broadcast is Broadcast of sync.Cond.
func (c *Cond) Broadcast() { delay(); c.cond.Broadcast() }

// Pool is sync.Pool.
type Pool = sync.Pool

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

// Init gives u its first value, before another goroutine knows of it.
func Init(u *Uint32, v uint32) { u.Store(v) }

// CompareAndSwapStatic is p.CompareAndSwap(old, new) for pointers of which each
// is nil or the address of a package-level variable.
func CompareAndSwapStatic[T any](p *Pointer[T], old, new *T) bool {
	return p.CompareAndSwap(old, new)
}

// Read does nothing.
func Read(p unsafe.Pointer) {}

// Write does nothing.
func Write(p unsafe.Pointer) {}
