package future

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
// comes upon is the result, and the other future is cancelled then. The waker
// goes straight to both, and each Poll polls those that have not finished. If
// one of them panics the panic goes on to whoever polled, whose Cancel cancels
// the rest. It allocates once and once for each of the futures. Use [All] for
// many futures of one type.
func Join2[A, B any](a Future[A], b Future[B]) Future[Pair[A, B]] {
	j := new(join[Pair[A, B]])
	j.parts[0] = &part[A]{orNil(a), &j.value.A}
	j.parts[1] = &part[B]{orNil(b), &j.value.B}
	return j
}

// Join3 is [Join2] for three futures.
func Join3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Triple[A, B, C]] {
	j := new(join[Triple[A, B, C]])
	j.parts[0] = &part[A]{orNil(a), &j.value.A}
	j.parts[1] = &part[B]{orNil(b), &j.value.B}
	j.parts[2] = &part[C]{orNil(c), &j.value.C}
	return j
}

// Join4 is [Join2] for four futures.
func Join4[A, B, C, D any](a Future[A], b Future[B], c Future[C], d Future[D]) Future[Quad[A, B, C, D]] {
	j := new(join[Quad[A, B, C, D]])
	j.parts[0] = &part[A]{orNil(a), &j.value.A}
	j.parts[1] = &part[B]{orNil(b), &j.value.B}
	j.parts[2] = &part[C]{orNil(c), &j.value.C}
	j.parts[3] = &part[D]{orNil(d), &j.value.D}
	return j
}

// A join waits for all of its parts, and has T for their values.
type join[T any] struct {
	value T
	parts [4]joined // nil: finished, or not used
	life  life
}

// joined is a part, without the type of its value.
type joined interface {
	poll(w *Waker) (ready bool, err error)
	Cancel()
}

func (j *join[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if j.life != live {
		return v, true, j.life.err()
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
		j.parts[i] = nil
		if err != nil {
			j.end(consumed)
			return v, true, err
		}
	}
	if pending {
		return v, false, nil
	}
	v = j.value
	j.end(consumed)
	return v, true, nil
}

// Cancel cancels the futures that have not finished.
func (j *join[T]) Cancel() {
	if j.life == live {
		j.end(canceled)
	}
}

func (j *join[T]) end(l life) {
	var zero T
	parts := j.parts
	j.value, j.parts, j.life = zero, [4]joined{}, l
	for i := range parts {
		if p := parts[len(parts)-1-i]; p != nil {
			defer p.Cancel() // in order, and all of them whatever one of them does
		}
	}
}

// A part is one future of a join, and where its value goes.
type part[T any] struct {
	src   Future[T]
	value *T
}

func (p *part[T]) poll(w *Waker) (ready bool, err error) {
	v, ready, err := p.src.Poll(w)
	if ready && err == nil {
		*p.value = v
	}
	return ready, err
}

func (p *part[T]) Cancel() { Cancel(p.src) }
