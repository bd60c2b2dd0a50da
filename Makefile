# Needs GNU make and Python 3.11, 3.12 or 3.13; every target installs the rest into .venv by itself.
# PYTHON=/path/to/python3 chooses the interpreter when the environment is made.

python := .venv/bin/python
unexport PYTHONPATH PYTHONHOME

.PHONY: help environment quickstart test lint experiments docs clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

environment: ## install everything into .venv, once
	@sh .ci/environment.sh

quickstart: environment ## train a small CycleGAN without any download, sample, evaluate, export
	$(python) -m apps.cyclegan --flagfile=apps/flags/cyclegan/quickstart.flags

test: lint ## run the whole suite
	$(python) -m pytest -n 2 --durations=40

lint: environment ## run ruff
	$(python) -m ruff check

experiments: environment ## run the experiments that need no data and no hours, write docs/results/
	$(python) -m pip install --disable-pip-version-check --quiet --editable '.[experiments]'
	$(python) -m tests.experiments

docs: environment ## write the pages that are made of docstrings and results
	$(python) -m docs.generate

clean: ## remove the environment and caches; runs/ and saved_models/ stay
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache
