# make demo · make test · make bench: each sets up what it needs first.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m

.PHONY: demo test test-shared lint bench fuzz soak pictures requirements clean

demo: $(VENV)/.runs
	@$(RUN) unfurler demo

# Most tests wait for processes rather than compute, so more of them run than there are processors; file by file, in
# the order of tests/conftest.py.
SIDE_BY_SIDE := --dist loadfile --no-loadscope-reorder

test: lint
	$(RUN) pytest -n 4 $(SIDE_BY_SIDE)
	TESTS_BEHIND=shared $(RUN) pytest -n 4 $(SIDE_BY_SIDE) $(SHARED)

# What every service has to do behave the same over PostgreSQL and Redis with a worker; test-shared runs all of it so.
SHARED := $(addprefix tests/behaviour/test_,a_link_becomes_a_card.py draining.py a_click.py)

test-shared: $(VENV)/.tests
	TESTS_BEHIND=shared $(RUN) pytest -n 4 $(SIDE_BY_SIDE) tests/behaviour

lint: $(VENV)/.tests
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.tests
	$(RUN) benchmarks $(ARGS)

# Takes the pictures of the documents anew; needs Chromium.
pictures: $(VENV)/.tests
	UNFURLER_GOLDEN=write $(RUN) pytest tests/browser/test_pictures.py

# Pages made to break the reader of pages: ARGS="--minutes 30".
fuzz: $(VENV)/.tests
	$(RUN) benchmarks.pages.fuzz $(ARGS)

# The long tests, then kills, outages and a steady load, for five minutes unless ARGS="--minutes N" says otherwise; over
# PostgreSQL and Redis with ARGS=--postgres.
soak: $(VENV)/.tests
	$(RUN) pytest -n 2 $(SIDE_BY_SIDE) -m long
	$(RUN) tests.faults.soak $(ARGS)

# Pins and hashes everything anew from the *.in files.
requirements: $(VENV)/.tests
	$(RUN) piptools compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --upgrade --output-file requirements.txt requirements.in
	$(RUN) piptools compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --upgrade --output-file requirements-dev.txt requirements-dev.in

$(VENV)/.made:
	@sh .ci/need-python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runs: $(VENV)/.made requirements.txt
	$(RUN) pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tests: $(VENV)/.runs requirements-dev.txt
	$(RUN) pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) var build dist *.egg-info
