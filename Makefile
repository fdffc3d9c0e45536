# Everything a developer does, in one place. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run test bench fmt fmt-check build clean
SHELL := /bin/bash

# More arguments for run (`make run ARGS="--config tributary.yaml"`) and bench (`make bench ARGS="--lines 100000"`).
ARGS ?=
DOTNET_FLAGS := --nologo -v q -clp:NoSummary

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The product runs in the terminal's foreground process group, where make is not: Ctrl-C is its own to drain on.
run: ## build and run the whole product on embedded defaults; Ctrl-C drains and ends it
	@[ -d artifacts ] || echo "Restoring packages and building; the first time takes a minute or two …"
	@dotnet publish services/standalone -c Release $(DOTNET_FLAGS)
	@if [ -t 0 ]; then exec bash -mc './tributary up "$$@"' tributary $(ARGS); else exec ./tributary up $(ARGS); fi

test: ## install what the tests need, run every test (root or sudo)
	@tests/run.sh

bench: ## measure speed, memory and latency beside wc, rsyslog and syslog-ng; writes tests/benchmarks/results/
	@dotnet publish services/standalone -c Release $(DOTNET_FLAGS)
	@dotnet build tests/benchmarks -c Release $(DOTNET_FLAGS)
	@dotnet artifacts/bin/Tributary.Benchmarks/release/Tributary.Benchmarks.dll $(ARGS)

fmt: ## format every file
	@dotnet format whitespace Platform.sln
	@dotnet format style Platform.sln --severity warn

fmt-check: ## say which files make fmt would change
	@dotnet format whitespace Platform.sln --verify-no-changes
	@dotnet format style Platform.sln --severity warn --verify-no-changes

build: ## build everything, warnings as errors
	@dotnet build Platform.sln -c Release $(DOTNET_FLAGS)
	@dotnet publish services/standalone -c Release $(DOTNET_FLAGS)

clean: ## remove what was built
	@rm -rf artifacts
