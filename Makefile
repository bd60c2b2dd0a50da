# Needs GNU make and Python 3.11, 3.12 or 3.13; every target installs the rest into .venv by itself.
# PYTHON=/path/to/python3 chooses the interpreter when the environment is made.

python := .venv/bin/python
unexport PYTHONPATH PYTHONHOME

.PHONY: help environment quickstart test lint experiments clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

environment: ## install everything into .venv, once
	@sh .ci/environment.sh

quickstart: environment ## train a small CycleGAN without any download, sample, evaluate, export
	$(python) -m apps.cyclegan --flagfile=apps/flags/cyclegan/quickstart.flags

test: lint ## run the whole suite
	$(python) -m pytest -n 2

lint: environment ## run ruff
	$(python) -m ruff check

experiments: environment ## run each system's distinguishing experiment, write docs/RESULTS.md
	$(python) -m tests.experiments.cyclegan_scenes
	$(python) -m tests.experiments.pixelrnn_copy
	$(python) -m tests.experiments.seqgan_toy
	$(python) -m tests.experiments.irgan_toy
	$(python) -m tests.experiments.text_to_image_pairs
	$(python) -m tests.experiments.text_to_image_shapes

clean: ## remove the environment and caches; runs/ and saved_models/ stay
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache
