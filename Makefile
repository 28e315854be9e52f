# The commands of the project. `make demo` and `make test` do all the set-up by themselves on a fresh Debian 12.
.PHONY: demo test build setup check format tidy asan tsan fuzz-smoke bench clean

demo: build
	@build/release/eventbridge-agent demo

test: build
	@scripts/test.sh build/release

build: setup
	@cmake --preset release --log-level=ERROR
	@cmake --build build/release

setup:
	@scripts/setup.sh

# What CI checks beside the tests: formatting, static analysis, the unit tests under the sanitizers, a minute of fuzzing.
check: format asan tsan fuzz-smoke tidy

format: setup
	@scripts/check_format.sh

tidy: build
	@scripts/check_tidy.sh build/release

# Rooms that have threads or are used by many.
THREADED := agent bus connections crash delivery http mcp pattern scheduler server store targets telemetry watch

asan: setup
	@cmake --preset asan --log-level=ERROR
	@cmake --build build/asan --target unit_tests
	@scripts/check_sanitized.sh build/asan

tsan: setup
	@cmake --preset tsan --log-level=ERROR
	@cmake --build build/tsan --target $(THREADED:%=%_tests)
	@scripts/check_sanitized.sh build/tsan -R '^($(subst $() ,|,$(THREADED)))\.'

# The fuzz targets, 6 seconds each.
fuzz-smoke: setup
	@cmake --preset fuzz --log-level=ERROR
	@cmake --build build/fuzz --target fuzz_targets
	@scripts/fuzz_smoke.sh build/fuzz 6

bench: setup
	@cmake --preset release -DEBAGENT_BENCH=ON --log-level=ERROR
	@cmake --build build/release
	@bench/run.sh build/release

clean:
	@rm -rf build
