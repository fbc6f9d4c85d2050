# Everything sets itself up: only Python 3.11-3.13, pip and make are needed. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v $$p; break; }; done)
UV_VERSION := 0.13.9
AUDIT_VERSION := 2.10.1
BIN := .venv/bin
READY := .venv/.ready

# Compiled bytecode makes every start seconds faster; a machine that forbids it would pay at each run.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
ifneq ($(wildcard ../shared/data),)
export FOOTBALL_RECORDINGS ?= $(abspath ../shared/data)
endif

.PHONY: help setup run up test test-postgres test-deploy check lint types fix bench soak drill audit clean
help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 15

setup: $(READY)  ## Install everything into .venv

$(READY): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "setting up: no Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up .venv with $(PYTHON) (about a minute the first time)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv --without-pip .venv
	@$(BIN)/uv --version 2>/dev/null | grep -q "uv $(UV_VERSION)" || \
		"$(PYTHON)" -m pip --python $(BIN)/python install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv sync --quiet --frozen --inexact --compile-bytecode --python $(BIN)/python || \
		"$(PYTHON)" -m pip --python $(BIN)/python install --quiet --disable-pip-version-check -r requirements.txt -e .
	@touch $(READY)

run: $(READY)  ## Run both pipelines once and print the match board and the coming week
	@$(BIN)/football run

up: $(READY)  ## Start Dagster (webserver, daemon, code location) until Ctrl-C
	@$(BIN)/football up

# Three at once on two cores: much of the time is waiting for servers and clocks.
test: $(READY)  ## Run all tests
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -q

test-postgres: $(READY)  ## Run the tests of whole processes and pipelines with everything on a PostgreSQL server of their own
	@$(BIN)/pytest --database postgresql -n 2 --dist loadfile --no-loadscope-reorder -q $(addprefix football_assets_tests/,system pipeline)

test-deploy: $(READY)  ## Start what the compose file starts, without containers, and wait for a published cycle
	@$(BIN)/pytest -q football_assets_tests/system/compose_processes.py

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

check: lint types test  ## Lint, types, import rules and tests

fix: $(READY)  ## Apply the formatter and the safe fixes
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: $(READY)  ## Run the benchmarks (some need FOOTBALL_RECORDINGS); about an hour
	@for name in live_cycle live_sizes live_drift soccer_history soccer_replays soccer_model soccer_identity \
		ncaa_backtest ncaa_players ncaa_features golden_queries serving_reads serving_stream \
		serving_limits serving_fast_lane serving_contract serving_pages; do \
		echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

soak: $(READY)  ## 1,440 live cycles at 60 times the speed with a failing provider: leaks, success, growth; 24 minutes and more
	@$(BIN)/python -m benchmarks.soak --json benchmarks/results/soak.json $(SOAK)

drill: $(READY)  ## Every fault of the table on a platform of its own; exit code 2 when one cannot be done here; up to an hour
	@$(BIN)/football drill --out build/drill $(DRILL)

audit: $(READY)  ## Ask PyPI whether a locked package has a known vulnerability; fails too when PyPI cannot be asked
	@locked=$$(mktemp) && trap 'rm -f "$$locked"' EXIT && \
		$(BIN)/uv export --quiet --frozen --all-extras --all-groups --no-emit-project --output-file "$$locked" >/dev/null && \
		$(BIN)/uv tool run --quiet --python $(BIN)/python --from pip-audit==$(AUDIT_VERSION) pip-audit \
			--requirement "$$locked" --require-hashes --disable-pip --strict --progress-spinner off || \
		{ echo "Not shown to be clean: a package is vulnerable, or PyPI does not tell (the lines above say which)."; exit 1; }

clean:  ## Remove the virtual environment and caches (never data/)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
