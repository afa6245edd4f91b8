# The façade: each target is one script of tools/, and those call CMake presets and CTest.
# `make help` lists them. make, git and Debian 12 are enough to begin; the rest is installed.

ARGS ?=
T ?=
SECS ?= 60

all: ## build the release into build/release/ (the default)
	@tools/build release programs
run: ## install what is missing, build, start the demo on http://127.0.0.1:8080
	@tools/run $(ARGS)
test: ## install what is missing, run every test
	@tools/test-all
test-asan: ## unit tests under the address and undefined behaviour sanitizers
	@tools/ctest asan -LE journey
test-tsan: ## unit tests under the thread sanitizer
	@tools/ctest tsan
lint: ## format, clang-tidy, layers, SQL, spelling, scripts; report of the longest functions
	@tools/lint
fmt: ## format every C file
	@tools/fmt
fuzz: ## one fuzz target: make fuzz T=media/flv SECS=60
	@tools/fuzz '$(T)' '$(SECS)'
cover: ## unit tests with line coverage, build/cover/index.html
	@tools/cover
docs: ## check every link of the documents
	@tools/check_docs
dev: ## build the dev preset, tests too, and compile_commands.json for an editor
	@tools/bootstrap build test && tools/build dev
ifneq ($(wildcard test/soak/run),)
soak: ## the long runs: minutes of broadcast, every segment looked at
	@tools/bootstrap build run test node test-node && tools/build release programs helpers && test/soak/run
.PHONY: soak
endif
ifneq ($(wildcard bench/run),)
bench: ## measure beside other servers, write bench/latest.json
	@tools/bootstrap build run test bench && tools/build release programs helpers && bench/run
.PHONY: bench
endif
clean: ## remove what was built (what was installed stays)
	@rm -rf $(filter-out build/tools,$(wildcard build/*)) web/dist
help: ## this list
	@sed -n '$(if $(wildcard test/soak/run),,/^soak:/d;)$(if $(wildcard bench/run),,/^bench:/d;)s/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

.PHONY: all run test test-asan test-tsan lint fmt fuzz cover docs dev clean help
