# make help lists the targets.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
BIOME := .ci/node_modules/.bin/biome
TESTS ?= tests

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: $(VENV)/installed ## install what is missing and serve on http://127.0.0.1:8000 (PORT=9000 for another port)
	@exec $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

test: $(VENV)/developed ## every test that this machine can run, and the checks of the code
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(TESTS)
	@if [ -n "$$TEST_POSTGRES_URL$$TEST_REDIS_URL" ]; then $(MAKE) --no-print-directory test-services; fi

test-services: $(VENV)/developed ## the suite again, on the PostgreSQL and Redis of TEST_POSTGRES_URL and TEST_REDIS_URL
	@: $${TEST_POSTGRES_URL:?names the PostgreSQL server to test on} $${TEST_REDIS_URL:?names the Redis to test on}
	@TEST_ON_SERVICES=1 $(BIN)/python -m pytest -m "not browser" $(TESTS)

lint: $(VENV)/developed ## style, types, layers, templates, scripts and style sheets
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory lint-templates lint-scripts

lint-templates: $(VENV)/developed ## form and faults of templates
	@$(BIN)/djangofmt --check templates
	@$(BIN)/djangofmt check templates

lint-scripts: ## scripts and style sheets; without npm this only says so, except where nothing may be left out
	@if $(MAKE) --silent $(BIOME); then \
	  $(BIOME) check --error-on-warnings; \
	elif [ -n "$$REQUIRE_ALL_TESTS" ]; then \
	  echo "Scripts and style sheets cannot be checked without npm and what it installs." >&2; exit 1; \
	else \
	  echo "Scripts and style sheets were not checked: that takes npm."; \
	fi

format: $(VENV)/developed ## bring Python, templates, scripts and style sheets into the form that lint expects
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/djangofmt check --fix --quiet templates
	@$(BIN)/djangofmt --quiet templates
	@if $(MAKE) --silent $(BIOME); then \
	  $(BIOME) check --write; \
	else \
	  echo "Scripts and style sheets were not formatted: that takes npm."; \
	fi

bench: $(VENV)/developed ## measure against a raw relay in the same run, and print a table
	@$(BIN)/python -m tests.bench

check-endpoint: $(VENV)/installed ## send one tiny request to the configured model and say how it went
	@$(BIN)/python manage.py check_endpoint

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/developed: $(VENV)/installed requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(BIOME): .ci/package-lock.json
	@npm --prefix .ci ci --silent --no-audit --no-fund --fetch-retries=1
	@touch $@

.PHONY: help run test test-services lint lint-templates lint-scripts format bench check-endpoint
