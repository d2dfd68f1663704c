module github.com/go-await/await

go 1.26

require go.uber.org/goleak v1.3.0
