# `make` prints this help. Every target sets up what it needs; nothing is installed outside .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One thread for linear algebra in each process: more threads fight over the cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run up down test test-faults quality bench bench-ingest bench-stories bench-alerts lint fmt lock env ci-deps clean

help: ## show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "error: Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another with: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "error: $(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages of requirements.lock into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages of requirements-dev.lock into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.runtime ## make the environment

setup-dev: $(VENV)/.dev ## make the environment with the tools of developers

demo: $(VENV)/.runtime ## send the two seed articles through and show what comes out
	@$(BIN)/dateline demo

run: $(VENV)/.runtime ## run the pipeline until Ctrl-C
	@$(BIN)/dateline run

up: $(VENV)/.runtime ## start Kafka and Elasticsearch
	@$(BIN)/dateline up

down: $(VENV)/.runtime ## stop them
	@$(BIN)/dateline down

# Two workers, each with servers of its own (1.1 GiB); the order of files stays: the long ones first.
test: $(VENV)/.dev lint ## run every test that needs no Docker
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-faults: $(VENV)/.dev ## kill, pause and restart real processes (long; report in docs/faults.md)
	$(BIN)/python -m pytest tests/faults -m faults -o timeout=3600

bench: $(VENV)/.dev ## measure speed, latency and memory (report in docs/bench.md)
	$(BIN)/python -m benchmarks.run

bench-ingest: $(VENV)/.dev ## measure polling, extraction, memory and kills (an hour; docs/bench-ingest.md)
	$(BIN)/python -m benchmarks.ingest

bench-stories: $(VENV)/.dev ## measure grouping with 100,000 articles in the window (docs/bench-stories.md)
	$(BIN)/python -m benchmarks.stories

bench-alerts: $(VENV)/.dev ## measure how many articles a second 100,000 watches allow (docs/bench-alerts.md)
	$(BIN)/python -m benchmarks.alerts

quality: $(VENV)/.dev ## score rights, names, entities, copies and stories on gold data (reports in docs/quality-*.md)
	$(BIN)/python -m tests.quality.run_all

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fmt: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev ## write the lock files anew, with hashes and without addresses
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

env: $(VENV)/.runtime ## write .env with random passwords for docker-compose.yml
	@$(BIN)/python -m dateline.compose_env

ci-deps: ## install the system packages that tests need: a browser (Debian; as root)
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install --yes -q --no-install-recommends chromium; }

clean: ## remove the environment and caches (data in .dateline stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
