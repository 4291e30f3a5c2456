# Every target does its own set-up. The two that most people need:
#   make lab     opens JupyterLab on the quickstart notebook
#   make test    runs every check and every test
# Parts of it:  setup  build  format  lint  test-js  test-unit  test-notebooks  test-browser  test-packaging
# And:          test-minimum (lower bounds of the dependencies)  benchmark (beside other libraries)  clean

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:

supported = import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c '$(supported)' 2>/dev/null && echo $$python && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_MODULES := js/node_modules/.package-lock.json
BUNDLE := recowidget/static/explorer.js
JS_SOURCES := $(wildcard js/*.js js/*.css) js/build.mjs
NOTEBOOKS := notebooks
# Two at once, each file whole: some share what is dear to make.
PARALLEL := --numprocesses 2 --dist loadfile

# What the shell has activated is not what is tested.
unexport VIRTUAL_ENV PYTHONPATH MYPYPATH
# TensorFlow writes to stderr as it is imported.
export TF_CPP_MIN_LOG_LEVEL := 3
heading = printf '\n======== %s ========\n' "$(1)"

.PHONY: lab test setup build format lint test-js test-unit test-notebooks test-browser test-packaging \
	test-minimum benchmark chromium graphviz clean

test: lint test-js test-unit test-notebooks test-browser test-packaging
	@$(call heading,All checks and tests passed)

lab: setup
	@.ci/lab $(BIN)/jupyter notebooks/01-quickstart.ipynb

# ---- set-up

setup: $(READY) $(BUNDLE)

build: $(BUNDLE)

$(READY): pyproject.toml hatch_build.py $(NODE_MODULES)
	@$(call heading,Set-up: Python packages in $(VENV))
	@test -n "$(PYTHON)" || .ci/apt-install python3-venv
	$(or $(PYTHON),python3) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

$(NODE_MODULES): js/package.json js/package-lock.json
	@$(call heading,Set-up: JavaScript packages in js/node_modules)
	@command -v npm >/dev/null || { echo 'This needs Node 20 or newer, with npm, on the PATH.' >&2; exit 1; }
	npm --prefix js ci
	@touch $@

$(BUNDLE): $(JS_SOURCES) $(NODE_MODULES)
	npm --prefix js run build
	@touch $@

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || .ci/apt-install chromium

graphviz:
	@command -v dot >/dev/null || .ci/apt-install graphviz

# ---- checks and tests

lint: setup
	@$(call heading,Lint and types: Python)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	@$(call heading,Lint and types: JavaScript)
	npm --prefix js run lint
	npm --prefix js run check

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	npm --prefix js run format

test-js: $(NODE_MODULES)
	@$(call heading,Tests: JavaScript)
	npm --prefix js test

test-unit: setup graphviz
	@$(call heading,Tests: units and contracts)
	$(BIN)/pytest $(PARALLEL) tests/unit tests/contract

test-notebooks: setup
	@$(call heading,Tests: notebooks)
	$(BIN)/pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg $(NOTEBOOKS)
	$(BIN)/pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg $(NOTEBOOKS)/01-quickstart.ipynb

test-browser: setup chromium
	@$(call heading,Tests: browser)
	$(BIN)/pytest tests/browser

test-packaging: setup
	@$(call heading,Tests: wheel and sdist)
	$(BIN)/pytest tests/packaging

# TensorFlow 2.18 has no wheels for Python 3.13.
test-minimum: $(BUNDLE) graphviz
	@$(call heading,Tests: units and contracts on the lower bounds of the dependencies)
	$(PYTHON) -m venv --clear .venv-minimum
	.venv-minimum/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(PYTHON) .ci/lower_bounds.py >.venv-minimum/constraints.txt
	.venv-minimum/bin/python -m pip install --quiet --constraint .venv-minimum/constraints.txt --editable . --group unit
	.venv-minimum/bin/pytest $(PARALLEL) tests/unit tests/contract

# An hour with nothing else running; needs MovieLens 100K in ../shared/data/ml-100k.
# ONLY="speed large" measures those alone, and keeps the other results.
benchmark: setup chromium
	@$(call heading,Benchmarks beside other libraries)
	$(BIN)/python -m pip install --quiet --editable '.[peers]'
	$(BIN)/pytest tests/peers
	$(BIN)/python -m tests.benchmarks --write $(ONLY)

clean:
	rm -rf $(VENV) .venv-minimum js/node_modules recowidget/static dist
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .*_cache .hypothesis
