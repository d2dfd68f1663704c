module github.com/go-await/await/bench

go 1.26.0

replace github.com/go-await/await => ../

require (
	github.com/alitto/pond/v2 v2.7.1
	github.com/b97tsk/async v0.20.0
	github.com/go-await/await v0.0.0-00010101000000-000000000000
	github.com/jizhuozhi/go-future v0.2.1
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/reugn/async v0.4.0
	github.com/sourcegraph/conc v0.3.0
	golang.org/x/image v0.46.0
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da
	golang.org/x/sync v0.24.0
	gonum.org/v1/plot v0.17.0
)

require (
	codeberg.org/go-fonts/liberation v0.5.0 // indirect
	codeberg.org/go-latex/latex v0.2.0 // indirect
	codeberg.org/go-pdf/fpdf v0.11.1 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/ajstarks/svgo v0.0.0-20211024235047-1546f124cd8b // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.42.0 // indirect
)
