# `make run` and `make test` each do the whole set-up by themselves, on a fresh machine too.
PY := .venv/bin/python
# A private PostgreSQL and an environment for checks that load the settings.
WITH_DATABASE := $(PY) -m config.embedded.throwaway --
LOCKER := var/locker
SETS := base embedded dev e2e
.DEFAULT_GOAL := help
.PHONY: help run test journeys check format bench demo docs lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: ## Run everything on this machine, with demonstration data (PORT=8000 MAIL_PORT=8025)
	@./setup.sh embedded
	@exec $(PY) manage.py up

test: ## Run all tests (ARGS="tests/config -x" for some)
	@./setup.sh e2e
	$(PY) -m pytest $(ARGS)

journeys: ## Run only the journeys from identification to statistic, one of them in a browser
	@./setup.sh e2e
	$(PY) -m pytest tests/journeys $(ARGS)

check: ## Format, lint, types, import contracts, settings, migrations, generated pages
	@./setup.sh dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(WITH_DATABASE) $(PY) -m mypy .
	$(WITH_DATABASE) $(PY) manage.py check --fail-level WARNING
	$(WITH_DATABASE) $(PY) manage.py makemigrations --check --dry-run
	$(WITH_DATABASE) $(PY) manage.py lifecycles --check

format: ## Put the code in order
	@./setup.sh dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: ## Measure every figure of the performance table
	@./setup.sh dev
	$(PY) -m config.embedded.throwaway --durable -- $(PY) -m benchmarks $(ARGS)

demo: ## Fill the running site's empty database with demonstration data
	@./setup.sh embedded
	$(PY) manage.py demo

docs: ## Write the pages that are made from the code
	@./setup.sh dev
	$(WITH_DATABASE) $(PY) manage.py lifecycles

lock: ## Lock the newest packages that requirements/*.in allow
	@test -x $(LOCKER)/bin/uv || { python3 -m venv $(LOCKER) && $(LOCKER)/bin/pip install -q uv; }
	for set in $(SETS); do UV_PYTHON_DOWNLOADS=never $(LOCKER)/bin/uv pip compile --quiet --upgrade --system-certs \
	  --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  requirements/$$set.in --output-file requirements/$$set.txt || exit 1; done

clean: ## Remove what was installed and cached; your data in var/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov $(LOCKER)
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
