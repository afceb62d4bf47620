# Every target builds what it needs in .venv from nothing; a stamp keeps it from being done twice.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# The tests run as many workers as there are cores, so that each worker must keep to one thread.
export OMP_NUM_THREADS ?= 1
JOBS   ?= 2

.PHONY: help demo test lint docs conformance bench regenerate clean
.DELETE_ON_ERROR:

help:
	@echo "make demo         train small networks with the essay's functions, compare them, write report.html"
	@echo "make test         run the tests"
	@echo "make lint         ruff, basedpyright, the import contract"
	@echo "make docs         build the documentation into site/"
	@echo "make conformance  the whole conformance run: every function at every point on every backend"
	@echo "make bench        run the benchmarks"
	@echo "make regenerate   write again what the documentation takes from the program"

# One stamp an extra; constraints.txt and pyproject.toml are what it depends on.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rheobase needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing rheobase[$*] into $(VENV) ..."
	$(PIP) -e '.[$*]'
	@touch $@

# `make demo ARGS="swish gelu --seeds 20"` passes more on.
demo: $(VENV)/study.stamp
	$(BIN)/rheobase compare --report report.html $(ARGS)
	@echo
	@echo "The report with curves and intervals: open $(CURDIR)/report.html in a browser."

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: $(VENV)/lint.stamp $(VENV)/test.stamp $(VENV)/docs.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

docs: $(VENV)/docs.stamp
	$(BIN)/python tools/regenerate.py
	$(BIN)/zensical build --clean --strict
	@echo "The documentation: open $(CURDIR)/site/index.html in a browser."

regenerate: $(VENV)/test.stamp
	$(BIN)/python tools/regenerate.py $(ARGS)

conformance: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(JOBS) -m conformance tests $(ARGS)

bench: $(VENV)/test.stamp
	for script in $$(grep -l __main__ benchmarks/*.py); do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) site .pytest_cache .ruff_cache .hypothesis
