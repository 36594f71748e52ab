# Python 3.11 or newer and make are all that is needed. `make help` lists what can be made.

PYTHON ?= python3
PORT ?= 8000
FULL ?=
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

# A stamp names the list of packages it stands for: nothing is installed twice, and a changed lock
# is. The development packages contain those of the shop in the same versions.
CORE := $(VENV)/.core-$(shell cksum < requirements.txt | tr -d ' ')
DEV := $(VENV)/.dev-$(shell cksum < requirements/dev.txt | tr -d ' ')
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test check bench screenshots lighthouse vendor lock clean

help: ## Show this list
	@echo "Vitrine. What can be made:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(CORE) ## Install, migrate, seed on the first run, serve on http://127.0.0.1:8000 (PORT=9000)
	@$(BIN)/flask --app wsgi prepare --port $(PORT)
	@PORT=$(PORT) exec $(BIN)/gunicorn

# Three workers keep two cores busy: they wait for servers and browsers a third of the time.
# A test of the long counts may take hours.
test: $(DEV) ## Install what tests need, run all of them (FULL=1: the long counts too)
	@FULL=$(FULL) $(BIN)/python -m pytest -n 3 $(if $(FULL),-o timeout=43200) $(PYTEST_ARGS)

check: $(DEV) ## Lint, format, types, templates, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint shop sandboxes --extension html --lint --quiet
	$(BIN)/python -m pytest -q -p no:xdist tests/architecture

bench: $(DEV) ## Measure pages against the bare limit (FULL=1: the long run)
	@FULL=$(FULL) $(BIN)/python -m bench

screenshots: $(DEV) ## Take pictures of the pages, light and dark, wide and narrow
	@$(BIN)/python -m tools.screenshots

lighthouse: $(DEV) ## Run Lighthouse on the main pages (needs npm and Chromium)
	@$(BIN)/python -m tools.lighthouse

vendor: $(DEV) ## Fetch and check vendored files, compress and fingerprint the assets
	@$(BIN)/python -m tools.vendor

lock: $(DEV) ## Write the lock files from requirements/*.in (UPGRADE=1: to the newest versions)
	@UPGRADE=$(UPGRADE) $(BIN)/python -m tools.lock

clean: ## Remove what was installed and made; the shop's data in instance/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots lighthouse
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(CORE): requirements.txt | $(BIN)/python
	@echo "Installing the shop’s packages …"
	@$(INSTALL) -r requirements.txt
	@rm -f $(VENV)/.core-* && touch $@

$(DEV): requirements/dev.txt | $(BIN)/python
	@echo "Installing what tests and checks need …"
	@$(INSTALL) -r requirements/dev.txt
	@rm -f $(VENV)/.core-* $(VENV)/.dev-* && touch $@ $(CORE)
