# The two commands a newcomer needs are `make run` and `make test`; each sets up what is missing first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)

.PHONY: setup run test kills bench lint types canary pictures translations clean

setup: $(VENV)/.ready $(CATALOGUES:.po=.mo)

run: setup
	@$(BIN)/niemphong demo --quiet
	@exec $(BIN)/niemphong serve

test: $(VENV)/.ready-test setup
	@$(BIN)/pytest

# Looks for what browsers sealed in everything a running portal keeps, memory included (docs/canary.md).
canary: $(VENV)/.ready-test setup
	@$(BIN)/python -m tests.canary

# Takes the main pages in both languages, on a phone and on a desk, into docs/pictures.
pictures: $(VENV)/.ready-test setup
	@$(BIN)/python -m tests.pictures

# Kills processes at random moments while people send and answer, and looks whether anything was lost.
kills: $(VENV)/.ready-test setup
	@$(BIN)/python -m tests.kills $(KILLS)

# Measures, side by side in one run (docs/performance.md).
bench: $(VENV)/.ready-test setup
	@$(BIN)/python -m bench $(BENCH)

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-test
	$(BIN)/mypy

# Take new sentences into the catalogues; .ci/run refuses a catalogue that lacks one.
translations: $(VENV)/.ready
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _ -k lazy_gettext --no-location --sort-output --omit-header -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete --omit-header

clean:
	rm -rf $(VENV) build *.egg-info $(CATALOGUES:.po=.mo)

$(VENV)/.ready: requirements/run.txt setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up in $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/run.txt || \
	 $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready requirements/test.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

%.mo: %.po $(VENV)/.ready
	@$(BIN)/pybabel -q compile -i $< -o $@ --use-fuzzy
