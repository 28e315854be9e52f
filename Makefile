# The commands of the project. `make demo` and `make test` do all the set-up by themselves on a fresh Debian 12.
.PHONY: demo test build setup check format tidy asan tsan bench clean

demo: build
	@build/release/eventbridge-agent demo

test: build
	@scripts/test.sh build/release

build: setup
	@cmake --preset release --log-level=WARNING
	@cmake --build build/release

setup:
	@scripts/setup.sh

# What CI checks beside the tests: formatting, static analysis, and the unit tests under the sanitizers.
check: format asan tsan tidy

format: setup
	@scripts/check_format.sh

tidy: build
	@scripts/check_tidy.sh build/release

asan tsan: setup
	@cmake --preset $@ --log-level=WARNING
	@cmake --build build/$@
	@scripts/check_sanitized.sh build/$@

bench: setup
	@cmake --preset release -DEBAGENT_BENCH=ON --log-level=WARNING
	@cmake --build build/release
	@bench/run.sh build/release

clean:
	@rm -rf build
