# make help lists the targets.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
BIOME := .ci/node_modules/.bin/biome

# Steps of `make test` print their name and when they began, and stop it when they fail.
ifndef BEGAN
export BEGAN := $(shell date +%s)
endif
elapsed = $$(($$(date +%s) - $(BEGAN)))
step = @printf '\n== %s, after %d s\n' $@ $(elapsed)

# Development mode shows leaks and switches on the debug mode of asyncio. Its checks of memory,
# which find faults of C code alone, are off.
# A file stays on one process, so that its fixtures are made once; tests/support/order.py says which begin first.
# One process more than cores, as tests wait too.
# Bytecode is written wherever they run: to read asserts anew takes half of what collecting takes, in each process.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
tests = -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
python = PYTHONDONTWRITEBYTECODE= PYTHONDEVMODE=1 PYTHONMALLOC=default $(BIN)/python
pytest = $(python) $(tests)
# Two files in three have neither marker; to collect their tests takes 10 s of each process.
files_on_services = $$(grep -rlE --include='test_*.py' 'mark.each_database|mark.service' tests/unit tests/journeys)
# What one server shows is read, stopped and changed at the other: tests/support/neighbour.py.
on_two_servers = TEST_ON_SERVICES=1 TEST_SERVERS=2
# Other tests of pictures look into the folder in which they lie.
files_on_s3 = $(patsubst %,tests/journeys/test_%.py,account_export answer_images doors_of_images lost_images parts \
  pictures_on_s3 refused_pictures regions seen waiting_messages what_goes_along)
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: $(VENV)/installed ## install what is missing and serve on http://127.0.0.1:8000 (PORT=9000 for another port)
	@exec $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

test: ALSO = bytecode
test: lint unit-and-journeys services browser ## every check, and every test that this machine can run
	@printf '\n== all passed after %d s\n' $(elapsed)

# Each of them keeps one core busy, mypy for longest.
lint: $(VENV)/developed ## every check of the code that runs no test
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) ALONGSIDE=1 types style layers templates scripts $(ALSO)

style: $(VENV)/developed ## how Python is written
	$(step)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/developed ## types of Python
	$(step)
	@$(BIN)/mypy

layers: $(VENV)/developed ## which module may import which
	$(step)
	@$(BIN)/lint-imports

templates: $(VENV)/developed ## form and faults of templates, and whether every one compiles
	$(step)
	@$(BIN)/djangofmt --check templates
	@$(BIN)/djangofmt check templates
	@$(BIN)/python -m tests.support.templates

scripts: ## scripts and style sheets; without npm this only says so, but fails where REQUIRE_ALL_TESTS is set
	$(step)
	@if $(MAKE) --silent $(BIOME); then \
	  $(BIOME) check --error-on-warnings; \
	elif [ -n "$$REQUIRE_ALL_TESTS" ]; then \
	  echo "Scripts and style sheets cannot be checked without npm and what it installs." >&2; exit 1; \
	else \
	  echo "Scripts and style sheets were not checked: that takes npm."; \
	fi

# Beside mypy, as one core has nothing else left: otherwise each process of the first tests does it.
bytecode: $(VENV)/developed ## read all tests once, whose asserts are written anew
	$(step)
	@found=$$($(python) -m pytest --collect-only --quiet tests/unit tests/journeys tests/browser 2>&1) || { echo "$$found"; exit 1; }

# Each process imports the product once for both, and none waits for the last file of the first.
unit-and-journeys: $(VENV)/developed ## the next two in one run
	$(step)
	@$(pytest) -m "not service" tests/unit tests/journeys

unit: $(VENV)/developed ## tests of single modules
	$(step)
	@$(pytest) tests/unit

journeys: $(VENV)/developed ## tests of the whole server, over HTTP and sockets
	$(step)
	@$(pytest) -m "not service" tests/journeys

services: $(VENV)/developed ## tests that depend on the database or on Redis, on TEST_POSTGRES_URL and TEST_REDIS_URL; journeys with two servers
	$(step)
	@if [ -n "$$TEST_POSTGRES_URL$$TEST_REDIS_URL$$REQUIRE_ALL_TESTS" ]; then \
	  $(on_two_servers) $(pytest) -m "each_database or service" $(files_on_services); \
	else \
	  echo "Not run: TEST_POSTGRES_URL and TEST_REDIS_URL are not set."; \
	fi

browser: $(VENV)/developed ## tests in Chromium
	$(step)
	@$(pytest) tests/browser

s3: $(VENV)/developed ## tests of pictures once more, with the files on a small S3 that they start themselves
	$(step)
	@TEST_S3=1 $(pytest) $(files_on_s3)

coverage: $(VENV)/developed ## which lines and branches `make unit` and `make journeys` run, and the floor; takes twice their time
	$(step)
	@$(BIN)/coverage erase
	@PYTHONDEVMODE=1 PYTHONMALLOC=default $(BIN)/coverage run $(tests) -m "not service" tests/unit tests/journeys
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

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

seed-large: $(VENV)/developed ## fill the empty database of the settings with 20,000 conversations; some minutes
	@$(BIN)/python -m tests.bench.seed_large

attack: $(VENV)/developed ## attack a server of its own in every known way, and print what others felt as a table
	@$(BIN)/python -m tests.attack

chaos: $(VENV)/developed ## kill servers and cut them off for MINUTES (20) while people ask, on a PostgreSQL and a Redis of its own
	$(step)
	@$(BIN)/python -m tests.chaos --minutes $(or $(MINUTES),20)
	@$(BIN)/python -m tests.chaos.full_data

soak: $(VENV)/developed ## keep 50 replies going for MINUTES (30), and print what is left of them in memory
	$(step)
	@$(BIN)/python -m tests.chaos.soak --minutes $(or $(MINUTES),30)

journeys-on-two: $(VENV)/developed ## every journey once more, with two servers on TEST_POSTGRES_URL and TEST_REDIS_URL
	$(step)
	@$(on_two_servers) REQUIRE_ALL_TESTS=1 $(pytest) tests/journeys

browser-on-two: $(VENV)/developed ## tests in Chromium once more, with two workers on TEST_POSTGRES_URL and TEST_REDIS_URL
	$(step)
	@$(on_two_servers) REQUIRE_ALL_TESTS=1 $(pytest) tests/browser

versions: $(VENV)/developed ## run an older commit (REF=, else the newest with fewer migrations) on the tables of this one
	$(step)
	@$(BIN)/python -m tests.versions $(if $(REF),--ref $(REF))

test-long: s3 versions journeys-on-two browser-on-two chaos soak ## what takes two hours, the shortest first
	@printf '\n== all passed after %d s\n' $(elapsed)

check-endpoint: $(VENV)/installed ## send one tiny request to the configured model and say how it went
	@$(BIN)/python manage.py check_endpoint

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/developed: $(VENV)/installed requirements-dev.txt requirements-tracing.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(BIOME): .ci/package-lock.json
	@npm --prefix .ci ci --silent --no-audit --no-fund --fetch-retries=1
	@touch $@

ifndef ALONGSIDE
.NOTPARALLEL:
endif
.PHONY: help run test lint style types layers templates scripts bytecode unit-and-journeys unit journeys services browser s3 \
	coverage format bench seed-large attack chaos soak journeys-on-two browser-on-two versions test-long check-endpoint
