# The two commands are `make run` and `make test`; `make help` lists the rest.

# The first that really runs and is new enough, since a version manager's stand-in may be on PATH and
# refuse; without one, install.py says what is needed.
FIND_PYTHON = for name in python3 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done
PYTHON ?= $(or $(shell $(FIND_PYTHON)),python3)
VENV := .venv/bin
# Two cores are the least we plan for; more workers than cores only wait for each other.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install install-dev run services reset test test-browser smoke bench lint types format lock manage

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

install: ## Make the virtual environment with what running needs
	@$(PYTHON) rivya_app/local/install.py

install-dev: install
	@$(PYTHON) rivya_app/local/install.py dev

run: install ## Start the whole product here (PORT=8000); Ctrl-C ends it
	@exec $(VENV)/python -m rivya_app.local run

services: install ## Start only PostgreSQL and Valkey
	@exec $(VENV)/python -m rivya_app.local services

reset: install ## Drop all local data (asks; FORCE=1 does not)
	@exec $(VENV)/python -m rivya_app.local reset

manage: install ## Run a management command in the local run's settings: make manage ARGS="shell"
	@exec $(VENV)/python manage.py $(ARGS)

test: install-dev ## Run the tests on a real PostgreSQL and Valkey
	@exec $(VENV)/python -m pytest -n $(WORKERS) $(ARGS)

test-browser: install-dev ## Run the browser tests (needs Chromium)
	@exec $(VENV)/python -m pytest -m browser $(ARGS)

smoke: install ## Start everything, make one picture over HTTP, check it, stop everything
	@exec $(VENV)/python -m rivya_app.local smoke

bench: install-dev ## Measure (takes minutes; prints figures, asserts none)
	@exec $(VENV)/python -m tests.bench $(ARGS)

lint: install-dev ## Check style, templates, types, import contracts, migrations, translations
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/djlint --lint --quiet templates
	@$(MAKE) --no-print-directory types
	@$(VENV)/lint-imports --no-logo
	@$(VENV)/python -m rivya_app.local checks

# The types of the models are read from the settings, which connect to nothing by themselves.
types:
	@DATABASE_URL=postgresql:///none REDIS_URL=redis://127.0.0.1:1/0 SECRET_KEY=types FIELD_KEYS= $(VENV)/mypy

format: install-dev ## Put the code into shape
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

lock: ## Compile requirements*.in into pinned, hashed requirements*.txt
	@CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(ARGS) requirements.in -o requirements.txt
	@CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(ARGS) requirements-dev.in -o requirements-dev.txt
