# make run: set up and start the app.  make test: set up and run every test, two files at a time
#   (they often wait for a server or a browser).
# make bench: our steps beside their peers, in an environment of its own; figures into .bench/, step
#   by step: one that fails does not keep the rest. Two to three hours.
#   SET=FILE: on articles of your own. LARGE=FILE: 30,000 of them, for how costs grow.
# make campaign: an hour or so of kills, hostile inputs and load (docs/reliability.md).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
SET ?= data/sample/articles.jsonl
LARGE ?=

.PHONY: run test check bench campaign pins clean

run: $(VENV)/.app
	$(BIN)/streamlit run app.py

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

bench: $(BENCH)/.peers
	rm -rf .bench && mkdir .bench
	failed=0; for run in "speed $(SET)" "vectors $(SET)" thresholds "finetuning $(SET)" \
			"suggesting $(SET)" start "reruns $(SET)" "growth $(LARGE)" api_load large_files \
			"quality $(SET) --peers $(BENCH)/bin/python"; do \
		echo "== $$run"; \
		TAGSMITH_HOME=$(CURDIR)/.bench/home $(BENCH)/bin/python -m benchmarks.$$run \
			> ".bench/$${run%% *}.md" || failed=1; \
		cat ".bench/$${run%% *}.md"; \
	done; exit $$failed

campaign: $(VENV)/.dev
	TAGSMITH_KILLS=200 TAGSMITH_INPUTS=10000 TAGSMITH_FUZZ_FILES=10000 \
		$(BIN)/python -m pytest -s tests/faults tests/hostile tests/test_import_fuzz.py
	$(BIN)/python -m benchmarks.browser_load
	$(BIN)/python -m benchmarks.soak

pins: $(VENV)/.dev
	$(BIN)/pip freeze | grep -v '^torch==' > $(VENV)/pins
	mv $(VENV)/pins constraints.txt

clean:
	rm -rf $(VENV) $(BENCH) .bench

$(VENV)/.app: requirements.txt constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(BENCH)/.peers: requirements-bench.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tagsmith needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
