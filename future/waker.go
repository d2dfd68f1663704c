package future

// A Wakeable is what a [Waker] wakes: a task, a blocked goroutine, a combinator
// that wants to know which of its children may go on.
//
// OnWake may be called from any number of goroutines at once, at any time, also
// after the Wakeable has ended. It must not block and must not poll: it notes
// that there is something to do and leaves the doing to another goroutine.
type Wakeable interface {
	OnWake()
}

// A Waker tells a consumer that its future may make progress.
//
// Wakers are compared by their address: a future that is polled with the waker
// it already holds has nothing to do. All methods are safe for concurrent use
// and, on a nil Waker, do nothing. A Waker must not be copied.
type Waker struct {
	_      noCopy
	target Wakeable
}

// NewWaker returns a waker that calls wake, for executors written by hand and
// for tests. It allocates the waker; an executor that embeds a Waker in its task
// and calls [Waker.Init] allocates nothing. wake is called from any goroutine,
// several at once if need be, and must not block. It panics if wake is nil.
func NewWaker(wake func()) *Waker {
	if wake == nil {
		panic("future: NewWaker of a nil function")
	}
	return &Waker{target: wakeFunc(wake)}
}

// Init makes w wake t. It is for a Waker that is a field of something else, is
// called before anybody else has seen w, and is called once.
// It panics if w or t is nil.
func (w *Waker) Init(t Wakeable) {
	if w == nil {
		panic("future: Init of a nil Waker")
	}
	if t == nil {
		panic("future: Init of a Waker with a nil Wakeable")
	}
	w.target = t
}

// Target returns what w wakes, as given to [Waker.Init], so that the one that made a
// waker can recognise it. It is nil for a nil Waker.
func (w *Waker) Target() Wakeable {
	if w == nil {
		return nil
	}
	return w.target
}

// Wake wakes the consumer. Wakes may coalesce: at least one Poll follows the
// latest of them, unless the consumer has ended. What the caller did before Wake
// synchronizes before that Poll. It does not block and does not allocate beyond
// what the consumer's own documentation says.
func (w *Waker) Wake() {
	if w != nil && w.target != nil {
		w.target.OnWake()
	}
}

type wakeFunc func()

func (f wakeFunc) OnWake() { f() }

// noCopy makes go vet report copies of the struct that holds it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
