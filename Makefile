# Everything runs in .venv, made from uv.lock with nothing but Python 3.11+ and make.
# The system's own Python, where it is new enough and complete: distributions build theirs with
# profile and link-time optimisation, which is worth a fifth of its speed. Else the first one found.
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
  2>/dev/null && echo /usr/bin/python3 || echo python3)
UV_VERSION = 0.13.9
export UV_PYTHON_DOWNLOADS = never
export UV_PROJECT_ENVIRONMENT = .venv
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# A server is several processes, and the tests start many: compiled once, each starts in half the
# time. The bytecode lies in .venv, also for those who want none of it beside their sources.
export UV_COMPILE_BYTECODE = 1
export PYTHONPYCACHEPREFIX = $(CURDIR)/.venv/.bytecode
unexport PYTHONDONTWRITEBYTECODE

# What make docs and make migrations read and write needs no deployment's settings.
MANAGE = .venv/bin/python manage.py
OF_THE_TESTS = --settings tests.settings

.PHONY: help demo dev codes test test-interop lint check docs migrations screenshots mutation conformance bench

help:
	@echo "To see it"
	@echo "  make demo          the server, a TPP and a bank, and a journey before your eyes (ONCE=1: then end)"
	@echo "  make codes         who can sign in at the demo, and with which six digits right now"
	@echo "To work on it"
	@echo "  make dev           the demo with a server that starts again after every change, and readable errors"
	@echo "  make test          the whole suite"
	@echo "  make check         lint, system checks, and whether docs and migrations are current"
	@echo "  make lint          ruff and mypy"
	@echo "  make docs          write the generated pages of docs/"
	@echo "  make migrations    write the migrations that the models ask for"
	@echo "  make screenshots   take the README's pictures again"
	@echo "To prove it"
	@echo "  make conformance SUITE=https://HOST:PORT   run the OpenID conformance plans"
	@echo "  make test-interop  let openid-client (needs Node and npm) use the running server"
	@echo "  make mutation      switch checks off, one at a time, and see that a test fails"
	@echo "  make bench         measure it beside oidc-provider (QUICK=1: in less than five minutes; GROWTH=1: on millions of rows)"

export HOST PORT MTLS_PORT TPP_PORT BANK_PORT REDIRECT_URIS DEMO_FOLDER ONCE
export RESOURCE_PORT SUITE_CA SUITE_TOKEN

demo: .venv/.runtime
	@.venv/bin/python -m deploy.demo.run

dev: .venv/.development
	@.venv/bin/python -m deploy.demo.develop

conformance: .venv/.runtime
	@.venv/bin/python -m deploy.conformance.run --suite "$(SUITE)" $(OPTIONS)

codes: .venv/.runtime
	@.venv/bin/python -m deploy.demo.codes

test: .venv/.development
	.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-interop: .venv/.development tests/operations/interop/node_modules/.package-lock.json
	RUN_INTEROP=1 .venv/bin/python -m pytest tests/operations/interop

lint: .venv/.development
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

check: lint
	$(MANAGE) check $(OF_THE_TESTS)
	$(MANAGE) makemigrations --check --dry-run $(OF_THE_TESTS)
	.venv/bin/python -m docs.generator --check
	.venv/bin/python -m pytest -q -n 2 tests/architecture

docs: .venv/.development
	.venv/bin/python -m docs.generator

migrations: .venv/.development
	$(MANAGE) makemigrations $(OF_THE_TESTS)

screenshots: .venv/.development
	.venv/bin/python -m tests.journeys.browser.pictures

mutation: .venv/.development
	.venv/bin/python -m tests.mutation

bench: .venv/.development
	@.venv/bin/python -m tests.bench $(if $(QUICK),--quick) $(if $(TABLE),--table) $(if $(PROFILE),--profile) $(if $(GROWTH),--growth) $(OPTIONS)

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`." \
	    "Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments: its venv or ensurepip is missing." \
	    "On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making the virtual environment in .venv ..."
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --no-cache-dir uv==$(UV_VERSION)

.venv/.runtime: .venv/bin/uv pyproject.toml uv.lock
	@echo "Installing what the server needs ..."
	@.venv/bin/uv sync --quiet --frozen --inexact --no-dev
	@touch $@

.venv/.development: .venv/bin/uv pyproject.toml uv.lock
	@echo "Installing what the server and its tests need ..."
	@.venv/bin/uv sync --quiet --frozen --inexact
	@touch $@ .venv/.runtime

tests/operations/interop/node_modules/.package-lock.json: tests/operations/interop/package.json tests/operations/interop/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian or Ubuntu: apt-get install nodejs npm"; exit 1; }
	@echo "Installing openid-client in tests/operations/interop ..."
	@npm ci --prefix tests/operations/interop --ignore-scripts --no-audit --no-fund --silent
	@touch $@
