# Needs Python 3.11 or later with its venv module, make and git; everything else goes into .venv.

PYTHON ?= python3
UV ?= uv
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help study test lab lint docs lock demo wheel clean

help:
	@echo "make study   answer the demonstration study; the report goes to reports/demo"
	@echo "make test    tests, doctests and every notebook"
	@echo "make lab     open the notebooks in JupyterLab"
	@echo "make lint    ruff and mypy"
	@echo "make docs    the site, into build/docs; needs no network"
	@echo "make demo    rebuild data/demo"
	@echo "make wheel   build the wheel and the source archive into dist"
	@echo "make lock    resolve requirements.lock anew from pyproject.toml (needs uv)"
	@echo "make clean   remove everything that make made, .venv too"

study: $(READY)
	@$(VENV)/bin/wqstudy study data/demo --out reports/demo

# A module's tests, and a notebook's cells, stay together in one process; a process a core, so BLAS gets one thread.
test: $(READY)
	@OPENBLAS_NUM_THREADS=1 $(PY) -m pytest -n logical --maxprocesses 4 --dist loadscope

lab: $(READY)
	@$(PY) -m jupyter lab notebooks

lint: $(READY)
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy

# Whatever Sphinx warns of is an error.
docs: $(READY)
	@$(PY) -m sphinx -W --keep-going -q -E -b html -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

demo: $(READY)
	@$(PY) data/build_demo.py

wheel: $(READY)
	@$(PY) -m hatchling build --directory dist

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: install it with 'pip install uv', or say where it is: make lock UV=path" >&2; exit 1; }
	@$(UV) pip compile pyproject.toml --quiet --all-extras --universal --generate-hashes --fork-strategy fewest \
		--no-annotate --no-header --python-version 3.11 --output-file requirements.lock >/dev/null

clean:
	@rm -rf $(VENV) dist build docs/made reports .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests benchmarks notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

$(LOCKED): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "wqstudy needs Python 3.11 or later, and there is no '$(PYTHON)' here. Say where it is: make $(MAKECMDGOALS) PYTHON=path" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wqstudy needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name a later one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing what requirements.lock pins into $(VENV): some minutes the first time, nothing after that." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --progress-bar off --require-hashes --requirement requirements.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
