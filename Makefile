# Every verb that a person needs. `make` alone prints them.
SHELL := /bin/sh
PY := .venv/bin/python
# Byte code is kept: it makes the next start quick.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo check test faults mutants bench messages articles migrations screenshots lock clean
.DEFAULT_GOAL := help

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup:          ## the virtual environment with everything that develops and judges
	@tools/setup dev

demo:           ## the whole program on this machine; RESET=1 starts anew
	@tools/setup demo
	@tools/system-packages
	@$(PY) -m palier_stack demo $(if $(RESET),--reset)

check: setup    ## the fast gate: format, lint, types, import rules, translations, engine and house tests
	@tools/system-packages
	$(PY) -m tools.gate
	$(PY) -m pytest -q tests/engine tests/house

test: setup     ## everything that judges the project, Chromium included
	@tools/system-packages browser
	$(PY) -m tools.judge

faults: setup   ## everything done to the program to make it charge twice, and a report; SIZE=night or release, PUBLISH=1
	@tools/system-packages
	$(PY) -m tests.report $(or $(SIZE),pr) $(if $(PUBLISH),--publish)

mutants: setup  ## does a test notice each wrong sum? changes the engine a few thousand times; PUBLISH=1
	@tools/setup mutants
	$(PY) -m tests.mutants $(if $(PUBLISH),--publish)

bench: setup    ## the targets of performance, as ratios
	$(PY) -m bench

messages: setup ## bring the French translations up to date with the code
	$(PY) tools/messages.py update

articles: setup ## note beside the articles of the help centre when each was last changed
	$(PY) tools/articles.py update

migrations: setup ## write the migrations that the models ask for
	$(PY) -m django makemigrations --settings palier.config.settings

screenshots: setup ## pictures for the README and for the articles of the help centre, in each language
	@tools/system-packages browser
	SCREENSHOTS=docs/images HELP_SHOTS=src/palier/interfaces/help/static/help/shots \
		$(PY) -m pytest -q tests/browser/test_screenshots.py tests/browser/test_help_shots.py

lock: setup     ## choose the newest allowed versions and pin them
	tools/lock

clean:          ## remove the environment, the demo's data and what tools left
	rm -rf .venv .palier mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
