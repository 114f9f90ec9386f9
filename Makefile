# Every target makes .venv first if it is missing: each one works as the first command on a fresh machine.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: setup run test test-engine lint types imports check bench screenshots clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: no '$(PYTHON)' here; name a Python 3.11 or newer: make PYTHON=python3 setup" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: setup
	$(BIN)/fbtui examples/hello.py --input inp=5

test: setup
	$(BIN)/python -m pytest -n auto

# The engine is an extra of some 250 MB: it has an environment of its own.
test-engine: .venv-engine/.ready
	.venv-engine/bin/python -m pytest -rs tests/engine

.venv-engine/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-engine
	.venv-engine/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ray]'
	@touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports --no-cache

check: lint types imports test

bench: setup
	@for file in tests/perf/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

screenshots: setup
	$(BIN)/python scripts/screenshots.py

clean:
	rm -rf .venv .venv-engine build *.egg-info .mypy_cache .ruff_cache .hypothesis
