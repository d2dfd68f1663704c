package future

import "reflect"

// Never returns a future that is never ready, unless it is canceled. It
// allocates once.
func Never[T any]() Future[T] { return new(never[T]) }

type never[T any] struct{ life life }

func (n *never[T]) Poll(*Waker) (v T, ready bool, err error) {
	if n.life != live {
		return v, true, n.life.err()
	}
	return v, false, nil
}

func (n *never[T]) Cancel() { n.life = canceled }

func (n *never[T]) String() string { return typeName("Never", reflect.TypeFor[T]()) }
