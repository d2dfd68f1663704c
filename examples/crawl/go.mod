module github.com/go-await/await/examples/crawl

go 1.26.0

replace github.com/go-await/await => ../..

require (
	github.com/go-await/await v0.0.0-00010101000000-000000000000
	github.com/panjf2000/ants/v2 v2.12.1
	golang.org/x/net v0.62.0
)

require (
	go.uber.org/goleak v1.3.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
)
