package ants

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/internal/safe"
)

// poolInside returns the pool that p brings calls to: the one that it embeds, or p
// itself, and reports which. It returns nil if p is foreign: this package knows nothing
// of it but its Submit.
func poolInside(caller string, p Pool) (g gauge, embedded bool) {
	g, ok := p.(gauge)
	if !ok {
		return nil, false
	}
	v := reflect.ValueOf(p)
	for inside := false; ; inside = true {
		if isNil(v) {
			panic(fmt.Sprintf("ants: %s: p is a %T with a nil %v", caller, p, v.Type()))
		}
		switch v.Kind() {
		case reflect.Interface:
			v = v.Elem()
			continue
		case reflect.Pointer:
			if inside {
				embedded = true
				// Made from the pointer: the field may not be exported.
				g = reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface().(gauge)
			}
			if v = v.Elem(); isUpstream(v.Type()) {
				return g, embedded
			}
		}
		i := embeddedGauge(v.Type())
		if i < 0 {
			break
		}
		v = v.Field(i)
	}
	if !reflect.ValueOf(g).Comparable() || !safe.Equal(g, g) {
		return nil, false // its queue would not be found again
	}
	return g, embedded
}

func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}

// isUpstream reports whether t is a type of ants, whose pools embed no others.
func isUpstream(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[ants.Pool]().PkgPath()
}

// embeddedGauges has what embeddedGauge has found out.
var embeddedGauges sync.Map // reflect.Type → int

// embeddedGauge returns the index of the only embedded field of t that is a gauge, or
// -1.
func embeddedGauge(t reflect.Type) int {
	if found, ok := embeddedGauges.Load(t); ok {
		return found.(int)
	}
	found := -1
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		f := t.Field(i)
		isGauge := f.Type.Implements(gaugeType) ||
			f.Type.Kind() == reflect.Struct && reflect.PointerTo(f.Type).Implements(gaugeType)
		if !f.Anonymous || !isGauge {
			continue
		}
		if found >= 0 { // none of them is promoted
			found = -1
			break
		}
		found = i
	}
	embeddedGauges.Store(t, found)
	return found
}

var gaugeType = reflect.TypeFor[gauge]()

// absence tells how a pool was not made by a function of ants, or returns "".
func absence(g gauge) string {
	v := reflect.ValueOf(g)
	switch {
	case isNil(v):
		return "nil " + v.Type().String()
	case v.Kind() != reflect.Pointer || !isUpstream(v.Type().Elem()):
		return ""
	}
	common, pools := field(v, "poolCommon"), field(v, "pools")
	if common.IsValid() && common.IsNil() || pools.IsValid() && pools.Len() == 0 {
		return "zero " + v.Type().Elem().String()
	}
	return ""
}

// options returns two of the options that p was made with. Ants does not tell,
// so they are read where it keeps them, without touching anything. Where they
// are not found the pool is taken for one that blocks, without a limit: then its
// refusals still reach the receivers, by way of a feeder.
func options(p any) (nonblocking bool, maxBlocking int) {
	v := reflect.ValueOf(p)
	if pools := field(v, "pools"); pools.Kind() == reflect.Slice && pools.Len() > 0 {
		v = pools.Index(0)
	}
	o := field(v, "options")
	if f := field(o, "Nonblocking"); f.Kind() == reflect.Bool {
		nonblocking = f.Bool()
	}
	if f := field(o, "MaxBlockingTasks"); f.Kind() == reflect.Int {
		maxBlocking = int(f.Int())
	}
	return nonblocking, maxBlocking
}

// field returns a field of the struct v, or of the struct that v points to, or
// the zero Value.
func field(v reflect.Value, name string) reflect.Value {
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	f, ok := v.Type().FieldByName(name)
	if !ok {
		return reflect.Value{}
	}
	v, err := v.FieldByIndexErr(f.Index)
	if err != nil { // an embedded pointer on the way is nil
		return reflect.Value{}
	}
	return v
}
