# make test   installs what the tests need from Debian's packages (only what is
#             missing; as root or with sudo) and runs every check and test
# make build  bin/gateway for this machine and for each platform below, without cgo;
#             make bin/gateway or make bin/gateway-linux-arm64 is one of them
# make cover  test coverage of each package
# make bench  the benchmarks, compared with the tracked figures of docs/benchmarks.txt by
#             benchstat; BENCH=Line PKG=./serialbridge COUNT=10 run some of them
# make bench-baseline  the same, written to docs/benchmarks.txt
# make torture  stops brokers, cuts connections, kills gateways, fills and damages
#             disks, damages bytes on the wire, resets boards, floods with commands,
#             and prints what happened to lines and commands (about half an hour)
# make cluster  kills, cuts off and freezes nodes of a cluster of brokers, and prints
#             what happened to the lines, the commands and the status (ten minutes)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

# mosquitto: the real broker. nats-server: the nodes of a cluster.
# gcc: the race detector and the simulated Uno.
# g++: the firmware library's host tests. ser2net: a real server of serial ports.
# python3-jinja2: renders the templates for Home Assistant.
# chromium: opens the dashboard. curl: runs the API's examples.
# prometheus: its promtool checks the metrics.
# The rest compiles and runs firmware.
PACKAGES := mosquitto mosquitto-clients nats-server gcc g++ libc6-dev \
            arduino-core-avr arduino-builder libsimavr-dev ser2net python3-jinja2 chromium curl prometheus
PLATFORMS := linux-armv6 linux-armv7 linux-arm64 linux-amd64 darwin-arm64 darwin-amd64 windows-amd64.exe

# The version is the tag of the commit, and "devel" without one.
VERSION = $(shell git describe --tags --exact-match 2>/dev/null || echo devel)
COMMIT = $(shell git rev-parse HEAD 2>/dev/null)$(shell test -z "$$(git status --porcelain 2>/dev/null)" || echo ' (modified)')
LDFLAGS = -X 'main.version=$(VERSION)' -X 'main.commit=$(COMMIT)'

.PHONY: build test check packages cover bench bench-baseline torture cluster clean FORCE

build: bin/gateway $(PLATFORMS:%=bin/gateway-%)

bin/gateway: FORCE
	CGO_ENABLED=0 go build -trimpath -ldflags="$(LDFLAGS)" -o bin/ ./cmd/gateway

# linux-armv6 is GOOS=linux GOARCH=arm GOARM=6
bin/gateway-%: FORCE
	@IFS=- read -r os arch <<< "$(*:.exe=)"; arm=; \
	[[ $$arch != armv* ]] || { arm=$${arch#armv}; arch=arm; }; \
	GOOS=$$os GOARCH=$$arch GOARM=$$arm CGO_ENABLED=0 \
	  go build -trimpath -ldflags="-s -w $(LDFLAGS)" -o $@ ./cmd/gateway; \
	echo $@

FORCE:

# Most tests wait for real programs most of the time: twice as many as usual run
# side by side. The race detector would hold each program up for a second at its end.
test: packages check
	GORACE=atexit_sleep_ms=0 go test -race -parallel 4 -timeout 15m ./...

check:
	@unformatted=$$(gofmt -l .); if [[ -n $$unformatted ]]; then echo "not gofmt'd: $$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	GOOS=windows CGO_ENABLED=0 go vet ./...
	GOOS=darwin CGO_ENABLED=0 go vet ./...

packages:
	@missing=$$(for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [[ -n $$missing ]]; then \
	  root=; [[ $$(id -u) == 0 ]] || root=sudo; \
	  echo "installing" $$missing; \
	  $$root apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing; \
	fi

cover:
	go test -cover ./...

BENCH := .
PKG := ./...
COUNT := 6
BENCHTIME := 0.5s
GOBENCH = go test -run='^$$' -bench='$(BENCH)' -benchmem -benchtime=$(BENCHTIME) -count=$(COUNT) $(PKG)

bench:
	@mkdir -p bin
	$(GOBENCH) | tee bin/benchmarks.txt
	go tool benchstat docs/benchmarks.txt bin/benchmarks.txt

bench-baseline:
	$(GOBENCH) | grep -E '^(goos|goarch|pkg|cpu|Benchmark)' | tee docs/benchmarks.txt

# strace: lets system calls fail.
torture: PACKAGES += strace
torture: packages
	go test -tags torture -count=1 -timeout 80m -parallel 1 -v ./cmd/gateway -torture \
	  -run '^TestTorture_' | grep --line-buffered -E '^(\||FAIL|panic|    torture)'
	go test -count=1 -v ./internal/spool -run '^TestPowerCuts$$' | sed -nE 's/^.*torture_test.go:[0-9]+: (\| )/\1/; /^(\||FAIL)/p'

cluster: packages
	go test -count=1 -timeout 40m -v ./cmd/gateway -cluster 32 -run '^TestCluster_' | grep --line-buffered -E '^(\||FAIL|panic|ok|    cluster)'

clean:
	rm -rf bin
