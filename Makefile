# SPDX-License-Identifier: Apache-2.0
#
# A thin front door: CMake and Ninja build, lit tests, the scripts say how. On a bare
# Debian 12 with make and git, `make demo` and `make test` install what is missing.
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CMAKE_FLAGS ?=
LIT_FLAGS ?= -sv -j2
SOAK ?= 60
RUNS ?= 50
SEEDS ?= 3
FUZZ ?= 60
BENCH_OUT ?= docs/benchmarks.md
BENCH_FLAGS ?=
# CMake keeps the compiler to clang 19; an inherited CC must not change that.
unexport CC CXX CFLAGS CXXFLAGS LDFLAGS

.PHONY: help deps configure build demo test bench bench-race bench-overhead bench-analyze soak fuzz bugs proof samples install format clean

help:
	@echo 'make demo       build, then watch Weir find bugs in the example programs'
	@echo 'make test       build, then run every test'
	@echo 'make bench      build, then measure (beside Go where it is installed)'
	@echo 'make soak       build, then torture the runtime (SOAK=60 seconds for each of five builds)'
	@echo 'make bugs       build, then count what is found: tests/bugs, RUNS=50 times each'
	@echo 'make proof      build, then find real bugs, from many seeds, and leave their fixes alone'
	@echo 'make samples    build, then write docs/samples and docs/guide/reports.md: a report of every finding'
	@echo 'make silent     build, then run everything that is right under every detector (SEEDS=3 of shake)'
	@echo 'make fuzz       feed the parsers of the reporter what nobody would write (FUZZ=60 seconds each)'
	@echo 'make bench-race build, then measure what race checks cost beside clang'
	@echo 'make bench-overhead  build, then measure what the detectors cost that are always on'
	@echo 'make bench-analyze  build, then measure weir analyze, here and on each project of PROJECTS=DIR'
	@echo 'make build      build into $(BUILD)/'
	@echo 'make install    install to $(PREFIX) (PREFIX=, DESTDIR=)'
	@echo 'make deps       install missing Debian packages, by name'
	@echo 'make format     lay the sources out with clang-format-19'
	@echo 'make clean      remove $(BUILD)/'

deps:
	@tests/tools/deps

# A build directory that came along with a copied tree points at the old place.
configure: deps
	@if [ -f $(BUILD)/CMakeCache.txt ] && \
	  ! grep -qxF 'CMAKE_CACHEFILE_DIR:INTERNAL=$(abspath $(BUILD))' $(BUILD)/CMakeCache.txt; \
	then echo 'weir: $(BUILD)/ was made elsewhere, starting anew'; rm -rf $(BUILD); fi
	@[ -f $(BUILD)/build.ninja ] && [ -z '$(CMAKE_FLAGS)' ] || \
	  cmake -S . -B $(BUILD) -G Ninja -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_FLAGS)

build: configure
	@cmake --build $(BUILD)

demo: build
	@bash examples/demo.sh $(abspath $(BUILD))

test: build
	@python3 tests/tools/run_lit.py $(BUILD) $(LIT_FLAGS)

bench: build
	@python3 tests/bench/run.py $(abspath $(BUILD))/bin/weir $(BENCH_OUT) $(BENCH_FLAGS)

soak: build
	@python3 tests/tools/soak.py --seconds $(SOAK) $(BUILD)

bench-overhead: build
	@python3 tests/bench/overhead.py $(BUILD) docs/benchmarks.md

bugs: build
	@python3 tests/tools/bugs_matrix.py --runs $(RUNS) --page docs/detection.md $(BUILD)

proof: build
	@rm -rf $(BUILD)/proof
	@python3 tests/tools/proof.py --page docs/proof.md $(BUILD)

samples: build
	@python3 tests/tools/samples.py $(BUILD)
.PHONY: silent
silent: build
	@python3 tests/tools/silent.py --seeds $(SEEDS) $(BUILD)

fuzz: deps
	@python3 tests/tools/fuzz.py --seconds $(FUZZ) $(BUILD)/fuzz

bench-analyze: build
	@python3 tests/bench/analyze.py $(abspath $(BUILD)) docs/benchmarks.md $(if $(PROJECTS),--projects $(PROJECTS))

bench-race: build
	@python3 tests/bench/race.py $(abspath $(BUILD))/bin/weir docs/benchmarks.md

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:
	@git ls-files runtime instrument reports examples tests/tools | grep -E '\.(c|h|cpp)$$' | xargs clang-format-19 -i

clean:
	rm -rf $(BUILD)
