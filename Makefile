# make demo and make test are all a newcomer needs; each sets up what it lacks.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

help:            ## show these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP)  ## make .venv with the exact pins

demo: $(STAMP)   ## make the demo shop, run everything on it, name or open the report (NO_SERVER=1 opens nothing)
	$(BIN)/tierwise demo --out demo

lint: $(STAMP)   ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --configfile pyproject.toml --quiet --recursive src/tierwise_console --severity-level medium

check: lint      ## what is neither slow nor Spark: eight minutes on two cores (one folder: .venv/bin/pytest tests/models -m "not slow")
	$(BIN)/pytest -m "not slow and not spark" -n 2

audit: $(STAMP)  ## known vulnerabilities of the pinned packages, where the package index has advisory data
	$(BIN)/python -m scripts.audit_dependencies

test: lint audit ## everything CI runs
	$(BIN)/pytest -n 2 --dist loadgroup
	$(MAKE) test-postgresql

DATABASE_TESTS := $(addprefix tests/console/,crm jobs events api test_access.py test_smoke.py test_guards.py test_kills.py)
test-postgresql: $(STAMP)  ## the console's tests that depend on the database, on a real PostgreSQL (skipped where none starts)
	TIERWISE_TEST_DATABASE=postgresql $(BIN)/pytest -n 2 --dist loadgroup -m "not slow or database" $(DATABASE_TESTS)

docs: $(STAMP)   ## write the generated pages of docs/
	$(BIN)/python -m docs.generate

bench: $(STAMP)  ## every figure in one table, beside the limits and the peers, and as JSON (ONLY=rfm,clusters for some)
	$(BIN)/python -m benchmarks.every $(if $(ONLY),--only $(ONLY))

bench-quick: $(STAMP)  ## the same benches on little data: do they work?
	$(BIN)/python -m benchmarks.every --quick

bench-clv: $(STAMP)  ## CLV models beside lifetimes and PyMC-Marketing
	$(BIN)/python -m benchmarks.clv_bench

bench-console: $(STAMP)  ## pages of the console with 1 M customers at 20 requests a second, and take-overs (ARGS="--database postgresql")
	$(BIN)/python -m benchmarks.console $(ARGS)

bench-dedupe: $(STAMP)  ## duplicates in labelled sets, beside plain Splink
	$(BIN)/python -m benchmarks.dedupe

.PHONY: help setup demo lint check audit test test-postgresql docs bench bench-quick bench-clv bench-console bench-dedupe
