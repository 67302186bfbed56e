# `make help` lists everything. The virtual environment is .venv; make it with another Python by PYTHON=python3.13.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DONE   := $(VENV)/.set-up

.PHONY: help setup run test check bench calibrate tools real lock wheel clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DONE)  ## make the virtual environment and install everything, locked by hash

# An interrupted set-up leaves no stamp, so the next one begins anew; compiled bytecode is what makes the start quick.
$(DONE): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Suture needs Python 3.11 or newer; name one: make PYTHON=python3.13")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q $(VENV)/lib bot webhooks memory remediation templates prompts > /dev/null || true
	@touch $@

run: setup  ## set up, then run the demo: a whole incident in the sandbox, no account, no key
	$(BIN)/suture demo

test: setup  ## set up, then run every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup  ## style, types, import rules, and that every test can be collected
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m pytest --collect-only -qqq > /dev/null || $(BIN)/python -m pytest --collect-only -qqq

bench: setup  ## measure what README promises, as JSON
	$(BIN)/python -m bench

calibrate: setup  ## what is said of a cause, anew from the first answers in tests/first_sight.yaml
	$(BIN)/python -m bench.calibration

tools: setup  ## kustomize and helm into .venv/bin (needs Go)
	$(BIN)/python tools/install.py

real: setup  ## contract tests against the real servers that are configured or found
	$(BIN)/python -m pytest -m real -rs tests/real tests/contracts

lock:  ## resolve the requirements anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock

wheel: setup  ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:  ## remove what was built
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .suture-demo
