package future

import "reflect"

// A Pair is the values of two futures.
type Pair[A, B any] struct {
	A A
	B B
}

// A Triple is the values of three futures.
type Triple[A, B, C any] struct {
	A A
	B B
	C C
}

// A Quad is the values of four futures.
type Quad[A, B, C, D any] struct {
	A A
	B B
	C C
	D D
}

// Join2 returns a future of the values of a and b. The first error that a Poll
// comes upon is the result; the other future is canceled then, and a value that had
// come is given back if it is [Owned]. The waker goes straight to both, and each
// Poll polls those that have not finished. If one of them panics the panic goes on
// to the caller of Poll, whose Cancel cancels the rest. It allocates once and once
// for each of the futures. Use [All] for many futures of one type.
func Join2[A, B any](a Future[A], b Future[B]) Future[Pair[A, B]] {
	j := new(join[Pair[A, B]])
	j.parts[0] = &part[A]{orNil(a, "Join2: future 1 of 2"), &j.value.A}
	j.parts[1] = &part[B]{orNil(b, "Join2: future 2 of 2"), &j.value.B}
	return j
}

// Join3 is [Join2] for three futures.
func Join3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Triple[A, B, C]] {
	j := new(join[Triple[A, B, C]])
	j.parts[0] = &part[A]{orNil(a, "Join3: future 1 of 3"), &j.value.A}
	j.parts[1] = &part[B]{orNil(b, "Join3: future 2 of 3"), &j.value.B}
	j.parts[2] = &part[C]{orNil(c, "Join3: future 3 of 3"), &j.value.C}
	return j
}

// Join4 is [Join2] for four futures.
func Join4[A, B, C, D any](a Future[A], b Future[B], c Future[C], d Future[D]) Future[Quad[A, B, C, D]] {
	j := new(join[Quad[A, B, C, D]])
	j.parts[0] = &part[A]{orNil(a, "Join4: future 1 of 4"), &j.value.A}
	j.parts[1] = &part[B]{orNil(b, "Join4: future 2 of 4"), &j.value.B}
	j.parts[2] = &part[C]{orNil(c, "Join4: future 3 of 4"), &j.value.C}
	j.parts[3] = &part[D]{orNil(d, "Join4: future 4 of 4"), &j.value.D}
	return j
}

// A join waits for all of its parts, and has T for their values.
type join[T any] struct {
	value T
	parts [4]joined // nil: finished, or not used
	by    consumerOf
	life  life
}

// joined is a part, without the type of its value.
type joined interface {
	poll(w *Waker) (ready bool, err error)
	// Cancel cancels the future, or gives its value back.
	Cancel()
	// finished is what is left of the part once it was ready: nil, or what gives
	// the value back, which is ready at each poll.
	finished() joined
}

func (j *join[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if j.life != live {
		return v, true, j.life.err()
	}
	if j.by.isBusy(j, w) {
		return v, true, ErrBusy
	}
	pending := false
	for i, p := range j.parts {
		if p == nil {
			continue
		}
		ready, err := p.poll(w)
		if !ready {
			pending = true
			continue
		}
		if err != nil {
			j.parts[i] = nil
			j.end(consumed)
			return v, true, err
		}
		j.parts[i] = p.finished()
	}
	if pending {
		return v, false, nil
	}
	var zero T
	v, j.value, j.life, j.by = j.value, zero, consumed, consumerOf{}
	return v, true, nil
}

// Cancel cancels the futures that have not finished, and gives back the values of
// those that have.
func (j *join[T]) Cancel() {
	if j.life == live {
		j.end(canceled)
	}
}

func (j *join[T]) end(l life) {
	parts := j.parts
	j.parts, j.life, j.by = [4]joined{}, l, consumerOf{}
	defer func() {
		var zero T
		j.value = zero
	}()
	cancelParts(parts)
}

// cancelParts cancels parts in order, and all of them whatever one of them does.
func cancelParts(parts [4]joined) {
	for i := range parts {
		if p := parts[len(parts)-1-i]; p != nil {
			defer p.Cancel()
		}
	}
}

func (j *join[T]) owner() func(T) {
	if j.parts == [4]joined{} {
		return nil
	}
	return func(v T) {
		j.value = v
		j.end(consumed)
	}
}

func (j *join[T]) String() string { return typeName("Join", reflect.TypeFor[T]()) }

// A part is one future of a join or of a choice, and where its value goes.
type part[T any] struct {
	src   Future[T]
	value *T
}

func (p *part[T]) poll(w *Waker) (ready bool, err error) {
	v, ready, err := p.src.Poll(w)
	if ready {
		*p.value = v
	}
	return ready, err
}

func (p *part[T]) Cancel() { Cancel(p.src) }

func (p *part[T]) finished() joined {
	if release := ownerOf(p.src); release != nil {
		return &ownedPart[T]{release, p.value}
	}
	return nil
}

// An ownedPart is what is left of a part whose value has an owner.
type ownedPart[T any] struct {
	release func(T)
	value   *T
}

func (p *ownedPart[T]) poll(*Waker) (ready bool, err error) { return true, nil }

func (p *ownedPart[T]) Cancel() { p.release(*p.value) }

func (p *ownedPart[T]) finished() joined { return p }
