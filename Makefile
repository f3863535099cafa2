# The set-up needs Python 3.11 or newer and nothing else; a second start finds everything there and takes no time.
PYTHON ?= python3
SETUP = @$(PYTHON) -m dev.bootstrap
RUN = @exec .venv/bin/python
# Python keeps its compiled modules here, also where the environment forbids __pycache__ directories beside the sources:
# the tests start hundreds of processes, and without them each one compiles Django and Celery for two seconds.
export PYTHONPYCACHEPREFIX := $(CURDIR)/__pycache__
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all test-unit test-fast check audit localaws contract bench faults soak screenshots story reset setup lock terraform-check

run:
	$(SETUP) run
	$(RUN) -m dev.run

# ONE=path::name runs one file or test.
test: setup
	$(RUN) -m dev.test $(ONE)

# All combinations of which `make test` runs a slice (tests/slices.py).
test-all: setup
	@TESTS=all exec .venv/bin/python -m dev.test

test-unit: setup
	$(RUN) -m dev.test unit

test-fast: setup
	$(RUN) -m dev.test fast

check: setup
	$(RUN) -m dev.check

# Asks an advisory service, so it is no part of `check`; what the service does not know fails.
audit: setup
	@exec .venv/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off \
	    $(foreach name,bootstrap runtime demo dev localaws,--requirement requirements/$(name).txt)

terraform-check: setup
	$(RUN) -m dev.terraform

localaws:
	$(SETUP) run
	@exec .venv-localaws/bin/python -m localaws --port $${PORT:-4566} --state-dir var/localaws

contract: setup
	$(RUN) -m pytest tests/contract

bench: setup
	$(RUN) -m bench

faults: setup
	@FAULTS=full exec .venv/bin/python -m pytest tests/faults

soak: setup
	$(RUN) -m tests.soak

# The pictures of the documentation, light and dark.
screenshots: setup
	$(RUN) -m pytest -n 0 -q tests/browser/screenshots.py

story:
	$(SETUP) run
	$(RUN) manage.py story

reset:
	@$(PYTHON) -m dev.reset

setup:
	$(SETUP)

lock: setup
	$(RUN) -m dev.lock
