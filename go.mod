module github.com/go-await/await

go 1.26.0

require go.uber.org/goleak v1.3.0

require (
	github.com/panjf2000/ants/v2 v2.12.1
	golang.org/x/sync v0.24.0
	golang.org/x/sys v0.49.0
	golang.org/x/term v0.47.0
	pgregory.net/rapid v1.3.0
)
