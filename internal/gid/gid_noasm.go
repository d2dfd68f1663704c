//go:build !(386 || amd64 || arm || arm64 || loong64 || ppc64 || ppc64le || riscv64 || s390x) || purego

package gid

// Current returns the ID of the calling goroutine. It allocates 32 bytes, and takes
// longer the deeper the stack of the goroutine is: the package comment has numbers.
func Current() ID { return stackID() }
