# The commands of this repository. .ci/run runs these and more.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCHTIME   ?= 1s
FUZZTIME    ?= 100000x

LIBRARY = . ./internal/... ./future/... ./oneshot/... ./executor/... ./adapters/...

.PHONY: all lint test race model model-table delay fuzz bench soak ci

all: lint test

## lint: formatting, vet, staticcheck
lint:
	@test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

## test: every test, as a user would run them
test:
	$(GO) test ./...

## race: the same under the race detector
race:
	$(GO) test -race ./...

## model: the real code under every interleaving that the model checker reaches
model:
	$(GO) test -timeout 25m -tags interleave -run Model ./...

## model-table: the same, and the tables in docs/correctness.md
model-table:
	$(GO) test -json -timeout 25m -tags interleave -run '^TestModel' $(LIBRARY) | \
		$(GO) run ./internal/interleave/report docs/correctness.md

## delay: the tests under the race detector, with delays at every atomic step
delay:
	$(GO) test -race -tags delay $(LIBRARY)

## fuzz: every fuzz target for FUZZTIME inputs
fuzz:
	.ci/fuzz $(FUZZTIME)

## bench: every benchmark
bench:
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) ./...

## soak: all kinds of operations for ten minutes: nothing is lost, and nothing grows
soak:
	$(GO) run ./internal/soak -for 10m

## ci: all that is checked before a change lands
ci:
	.ci/run
