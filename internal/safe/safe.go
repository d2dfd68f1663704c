// Package safe compares errors of users, whose comparison may panic.
//
// The == of two interface values panics if both hold values of one type that
// cannot be compared, such as a struct with a map in it. Is, As and Unwrap methods
// are the user's code, and panic for a typed nil, as that of *net.OpError does.
package safe

import (
	"errors"
	"unsafe"
)

// Is is [errors.Is]. It reports false if the comparison panics.
func Is(err, target error) (is bool) {
	if err == nil || target == nil {
		return err == nil && target == nil
	}
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return errors.Is(err, target)
}

// Equal is a == b. It reports false if the values cannot be compared.
func Equal(a, b any) (equal bool) {
	defer func() {
		if recover() != nil {
			equal = false
		}
	}()
	return a == b
}

// Identical reports whether a and b are one pointer, or one value behind one. It costs
// less than Equal (BenchmarkSpawn10000). Values of their own are not identical, though
// they may be equal.
func Identical(a, b any) bool {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&a)) == *(*[2]unsafe.Pointer)(unsafe.Pointer(&b))
}
