# A thin face: each target is a command or two that can be run alone. CMakePresets.json says how things are built.
PACK ?= health
JOBS ?= $(shell nproc)
# GCC 12's thread sanitizer cannot place its shadow memory under strong address randomisation; where the kernel lets us,
# its tests run without.
FIXED := $(shell setarch -R true 2>/dev/null && echo setarch -R)
SOURCES = git ls-files -z --cached --others --exclude-standard '*.cc' '*.h'

.PHONY: all setup build demo test test-full fuzz bench lint format clean
all: build

setup:
	@scripts/setup

build: setup
	@cmake --preset default >/dev/null
	@cmake --build --preset default -j $(JOBS)

demo: build
	@scripts/demo $(PACK)

# Tests labelled `long` run in test-full alone.
test: build
	ctest --preset default -LE long -j $(JOBS)
	$(MAKE) --no-print-directory test-asan test-tsan

test-asan test-tsan test-minimal: test-%:
	@scripts/setup --minimal
	@cmake --preset $* >/dev/null
	@cmake --build --preset $* -j $(JOBS)
	$(if $(filter tsan,$*),$(FIXED)) ctest --preset $* -LE long -j $(JOBS)

# libFuzzer (clang): SECONDS each target.
SECONDS ?= 60
fuzz:
	@scripts/setup --minimal --fuzz
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j $(JOBS)
	@scripts/fuzz $(SECONDS)

test-full: test test-minimal
	ctest --preset default -L long

bench: build
	@bench/run

lint:
	@scripts/setup --lint
	@$(SOURCES) | xargs -0 clang-format --dry-run -Werror
	@cmake --preset default >/dev/null
	@run-clang-tidy -quiet -p build/default -j $(JOBS) -extra-arg=-Wno-unknown-warning-option '^$(CURDIR)/src/.*(?<!_test)\.cc$$'

format:
	@scripts/setup --lint
	@$(SOURCES) | xargs -0 clang-format -i

clean:
	rm -rf build
