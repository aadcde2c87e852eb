.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
.PHONY: help dev test check format schema bench replay soak graphql-core-tests graphiql lock install

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

install: .venv/.installed

.venv/.installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "oms_api needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "python3 lacks ensurepip: install your system's venv package (on Debian: apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the pinned dependencies into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

dev: install ## Start a demo shop: database, API, worker and GraphiQL on 127.0.0.1:8000
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory graphiql || echo "GraphiQL could not be built; the page will offer the CDN"; fi
	@exec $(BIN)/oms dev

test: install ## Run all tests on an embedded PostgreSQL
	@$(BIN)/python -m compileall -q -j 0 src # tests start programs, also where Python writes no bytecode
	@$(BIN)/pytest

check: install ## Format, lint, types, floors, schema, state diagrams
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/oms schema --check
	$(BIN)/oms states --check

format: install ## Format the code and mend what lint can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: install ## Write schema.graphql and docs/states.md
	$(BIN)/oms schema
	$(BIN)/oms states

bench: install ## Run the benchmarks and print their table
	$(BIN)/python -m benchmarks

replay: install ## Play a real shop's year through the API of `make dev` (FILE=... names the file, ARGS=... more)
	@$(BIN)/python -m examples.online_retail $(FILE) $(ARGS)

soak: install ## Long property and fault runs
	$(BIN)/pytest --soak

graphql-core-tests: install ## The tests of graphql-core by its executor and by ours (SDIST=... names its source distribution)
	$(BIN)/python -m tests.equality.core_suite $(if $(SDIST),--sdist $(SDIST))

lock: install ## Resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --all-extras --group pyproject.toml:dev -c requirements.lock pyproject.toml -o requirements-dev.lock

GRAPHIQL := src/oms_api/http/static/graphiql/index.html

.PHONY: graphiql
graphiql: $(GRAPHIQL) ## Build GraphiQL once (needs node)
	@:

$(GRAPHIQL): graphiql/package-lock.json graphiql/package.json graphiql/vite.config.js graphiql/index.html $(wildcard graphiql/src/*)
	@command -v npm >/dev/null 2>&1 || { echo "GraphiQL needs Node.js 20.19 or newer, with npm, to be built"; exit 1; }
	@echo "building GraphiQL ..."
	@cd graphiql && { test node_modules/.package-lock.json -nt package-lock.json || npm ci --no-audit --no-fund --loglevel=error; }
	@cd graphiql && npm run --silent build
	@touch $@
