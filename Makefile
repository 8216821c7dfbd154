# The targets people and CI use; `make help` lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export UV_LINK_MODE ?= copy

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-npm test test-slow lint format lock bench-pins bench-backport bench-scan bench-overhead bench-proofs bench-quoted bench-parallel hostile wrong-fixes clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv (system packages too, when root)

$(STAMP): requirements.lock pyproject.toml scripts/system-packages
	@scripts/system-packages
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-virtualenv "uv>=0.8"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: setup ## fix a real pinned requirements file and verify the result
	@BIN=$(BIN) scripts/demo

demo-npm: setup ## the same for npm's lock file, then the real npm ci
	@BIN=$(BIN) scripts/demo-npm

test: setup ## run the test suite
	@scripts/system-packages tests
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

test-slow: setup ## run the slow suites as well
	@scripts/system-packages tests
	$(BIN)/pytest -n 2 --dist loadfile

lint: setup ## check style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests benchmarks scripts
	$(BIN)/lint-imports

format: setup ## write the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --extra mutants --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --upgrade --output-file requirements.lock

bench-pins: setup ## fix the real pins of DATA (cases.jsonl) and print the table of RESULTS.md; ECOSYSTEM=npm for npm's
	$(BIN)/python -m benchmarks.pins.run --data $(DATA) --ecosystem $(or $(ECOSYSTEM),PyPI)

bench-backport: setup ## the backport benchmark on CASES (a cases.jsonl), upstream in AVR_GIT_MIRROR; MORE=options
	$(BIN)/python -m benchmarks.backport.run --cases $(CASES) $(MORE)
	$(BIN)/python -m benchmarks.backport.scaling

bench-scan: setup ## time `avr scan` against pip-audit on DATA
	$(BIN)/python benchmarks/scan/run.py $(DATA)

bench-proofs: setup ## show every exploit on an affected and on the fixed release
	$(BIN)/python -m benchmarks.proofs.run

bench-quoted: setup ## calibrate the proof-of-concept code in the advisories of DATA (OSV records) on real releases
	$(BIN)/python -m benchmarks.quoted.run $(DATA)

bench-parallel: setup ## time one `avr fix` of 20 pins with one worker and with two
	$(BIN)/python -m benchmarks.parallel.run

hostile: setup ## run hostile packages of ours: each must be contained and told; AVR_SANDBOX=container for the other backend
	$(BIN)/python -m benchmarks.hostile.run

bench-overhead: setup ## time `avr fix` against the runs of the suite that its gates need
	$(BIN)/python benchmarks/overhead/run.py

wrong-fixes: setup ## plant wrong fixes and see that the gates refuse them; CASES=names for some
	$(BIN)/python -m benchmarks.wrong_fixes.run $(CASES)

clean: ## remove what the targets above made
	rm -rf $(VENV) build dist avr-out
