package future

// Slice returns fs as a slice of futures, for [All] and others that take futures of
// any kind: a []*Handle[int] is no []Future[int] in Go. It allocates the slice.
func Slice[T any, F Future[T]](fs []F) []Future[T] {
	futures := make([]Future[T], len(fs))
	for i, f := range fs {
		futures[i] = f
	}
	return futures
}
