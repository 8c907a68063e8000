# `make help` lists what there is. PYTHON chooses the interpreter, VENV the environment's folder.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
DEMO_DIR ?= .demo
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--strip-extras --no-annotate --allow-unsafe --build-deps-for editable

export DEMO_DIR

.PHONY: help demo demo-reset test test-full lint format size features bench bench-api bench-links bench-organizations bench-webhooks translations permissions guides lock clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Ports and folders: PORTAL_PORT KEYCLOAK_PORT INBOX_PORT SAMPLE_PORT DEMO_DIR, for example: make demo PORTAL_PORT=9000"

demo: $(READY) ## start everything: Keycloak, realms, people, mail, the sample application and the portal (Ctrl-C stops it)
	@exec $(BIN)/portal demo

demo-reset: $(READY) ## forget the demonstration's data, so that the next `make demo` begins afresh
	@$(BIN)/portal demo --reset

test: $(READY) browser ## all tests, against a real Keycloak and a real browser
	$(BIN)/pytest -n $(WORKERS) -m "not serial"
	$(BIN)/pytest -m serial || [ $$? = 5 ]

test-full: $(READY) browser ## the same with every cell of routes, people, ids, methods and faces, not a sample of them
	PORTAL_TEST_CELLS=all $(MAKE) test

lint: $(READY) ## ruff and mypy --strict
	$(BIN)/ruff format --check portal tests
	$(BIN)/ruff check portal tests
	$(BIN)/mypy

format: $(READY) ## let ruff put the sources in order
	$(BIN)/ruff format portal tests
	$(BIN)/ruff check --fix portal tests

size: $(READY) ## lengths of files, functions and templates against their limits
	$(BIN)/python tests/tools/size.py

features: $(READY) browser ## which features and security cases have a passing test
	$(BIN)/python tests/tools/features.py

bench: $(READY) browser ## measure the portal beside Keycloak's account console and write the table in docs/
	$(BIN)/python tests/tools/bench.py

bench-organizations: $(READY) ## measure large organizations, a steady load and a long list of invitations, for docs/figures.md
	$(BIN)/python tests/tools/bench_organizations.py

bench-links: $(READY) browser ## measure the way from a setup link to its guest's first page, for docs/figures.md
	$(BIN)/python tests/tools/bench_links.py

bench-api: $(READY) ## measure calls of programs on one core with a Keycloak that answers at once, for docs/figures.md
	$(BIN)/python tests/tools/bench_api.py

bench-webhooks: $(READY) ## send 10,000 events to a receiver that fails at random, for docs/webhooks.md
	$(BIN)/python tests/tools/webhooks.py

translations: $(READY) ## collect the texts, update the catalogues and say what is missing
	$(BIN)/python tests/tools/translations.py

permissions: $(READY) ## write docs/permissions.md from the table of rights
	@$(BIN)/python tests/tools/permissions.py

guides: $(READY) ## look for faults in the guides to identity providers' screens
	@$(BIN)/python -m portal.sso.guide_lint

lock: $(READY) ## pin the dependencies anew, with hashes
	$(BIN)/pip install --quiet pip-tools
	$(COMPILE) --extra demo --extra test --extra lint --extra postgresql -o requirements.lock pyproject.toml
	$(COMPILE) --extra postgresql -o requirements-server.lock pyproject.toml

clean: ## remove the environment and what tools left behind; the demonstration's data and the cache stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info

.PHONY: browser
browser: $(READY)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(BIN)/playwright install chromium

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: choose one with PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@echo "Preparing $(VENV) (once) …"
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
