//go:build !(amd64 || arm64) || purego

package gid

import "runtime"

// Current returns the ID of the calling goroutine. It does not allocate.
func Current() ID {
	// The first line is "goroutine 123 [running]:", whatever the version so far.
	const prefix = len("goroutine ")
	var buf [prefix + 20]byte
	n := runtime.Stack(buf[:], false)
	var id ID
	for _, c := range buf[prefix:n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + ID(c-'0')
	}
	if id == 0 {
		panic("gid: runtime.Stack does not begin with a goroutine id: " + string(buf[:n]))
	}
	return id
}
