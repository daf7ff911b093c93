# Everything a person does with this project, each target with its own set-up. `make help` lists it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Names as packages write them differ from release to release: lower case and hyphens, in order.
PINS := awk -F== '$$1 != "pip" {gsub("_", "-", $$1); print tolower($$1) "==" $$2}' | LC_ALL=C sort --field-separator="=" --key=1,1
export HF_HUB_OFFLINE := 1
export PYTHONPATH := $(CURDIR)

.PHONY: help setup browser demo up test lint bench pins lock sbom audit

help: ## Show all targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(VENV)/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

setup: $(VENV)/.ready ## Make .venv with everything pinned

demo: setup ## Sample inbox: 27 days replayed, day 28 through Airflow's scheduler
	$(BIN)/triage demo

up: setup ## Serve Airflow's UI with the DAGs until Ctrl-C
	$(BIN)/triage up

lint: setup ## Lint, format, types and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: ## Install Chromium for the tests of the review page, if it is missing and you are root
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || { echo 'Chromium is missing: install it (apt-get install chromium), or run this as root' >&2; exit 1; }

test: lint browser ## Lint, types, import rules and all tests
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadscope

bench: setup ## Measure quality and speed on the public sets of TRIAGE_BENCH_DATA
	$(BIN)/python -m bench --save

pins: ## Resolve requirements.in into requirements.txt
	rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins
	$(VENV)-pins/bin/pip install --quiet --requirement requirements.in
	(echo '# Resolved from requirements.in by `make pins`; do not edit.'; \
	 $(VENV)-pins/bin/pip freeze --all | sed 's/+cpu//' | $(PINS)) > requirements.txt
	rm -rf $(VENV)-pins

lock: setup ## Resolve what the image installs into requirements.lock, each file by its hash
	rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	$(BIN)/python .ci/lock.py roots > $(VENV)-lock/roots.in
	$(VENV)-lock/bin/uv pip compile --quiet --generate-hashes --no-annotate --no-header \
	  --constraint requirements.txt --python-version 3.11 $${PIP_FIND_LINKS:+--find-links $$PIP_FIND_LINKS} \
	  --output-file $(VENV)-lock/lock.txt $(VENV)-lock/roots.in
	(echo '# What the image installs, each file by its hash. Made by `make lock`; do not edit.'; \
	 cat $(VENV)-lock/lock.txt) > requirements.lock
	rm -rf $(VENV)-lock

sbom: setup ## Write sbom.json (CycloneDX) from requirements.lock
	$(BIN)/python .ci/lock.py sbom > sbom.json

audit: ## Check requirements.lock against PyPI's advisories; needs pip-audit and a network
	pip-audit --no-deps --disable-pip --require-hashes --requirement requirements.lock
