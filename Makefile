# One command per wish, the same for people and for CI. What they do: docs/operators/local-stack.md
#
#   PORT=8001      web port (default 8000)
#   HOST=0.0.0.0   let other machines in (default 127.0.0.1)
#   PYTHON=...     another Python 3.11 or newer
#   ARGS="..."     for test and fast: further words for pytest

PORT ?= 8000
HOST ?= 127.0.0.1
# The distribution's own first: it is built with profile-guided optimisation, which one compiled by
# hand often is not (measured with pyenv's 3.11 on Debian 12: the same loop takes 40 % longer).
PYTHON ?= $(firstword $(foreach name,/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
ARGS ?=
NAME ?= latency
export PORT HOST

# Settings of the caller's shell for Python must not reach the stack.
LOCAL = env -u PYTHONPATH -u PYTHONHOME -u PYTHONSTARTUP -u PYTHONWARNINGS $(PYTHON) deploy/local/main.py

.DEFAULT_GOAL := help
.PHONY: help demo up run stop reset bootstrap services-up services-down test fast check fix bench bench-own pin

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s%s\n", $$1, $$2}'
	@sed -n '/^#   [A-Z]*=/s/^# / /p' Makefile

demo: ## everything from nothing with two demo cities; one report is played; Ctrl-C ends it
	@$(LOCAL) demo

up: ## the same in the background; returns when it is ready
	@$(LOCAL) up

run: ## the same in the foreground, without demo content
	@$(LOCAL) run

stop: ## stop what runs in this checkout
	@$(LOCAL) stop

reset: ## stop it and delete everything it made, wherever that lies
	@$(LOCAL) reset

bootstrap: ## only install what is missing, for the demo and for the tests
	@$(LOCAL) bootstrap --tests

services-up: ## only PostgreSQL and Redis for tests, kept running; prints the environment file
	@$(LOCAL) services-up --test

services-down: ## stop those
	@$(LOCAL) services-down --test

test: ## all tests, in parallel, against PostgreSQL, Redis, workers and browser of their own
	@$(LOCAL) test -- $(ARGS)

fast: ## the tests that need no browser and kill nothing
	@$(LOCAL) fast -- $(ARGS)

check: ## lint, format, types, import contracts, templates, migrations, OpenAPI, compose file
	@$(LOCAL) check

bench: ## a measurement against the running demo: make bench NAME=latency ARGS="--rate 5"
	@test -f var/demo.env || { echo "Start the demo first: make up"; exit 2; }
	@set -a; . ./var/demo.env; DJANGO_SETTINGS_MODULE=backend.settings var/venv/bin/python -m bench.$(NAME) $(ARGS)

bench-own: services-up ## one that makes a database of its own instead: make bench-own NAME=intake
	@set -a; . ./var/test.env; DJANGO_SETTINGS_MODULE=backend.settings var/venv/bin/python -m bench.$(NAME) $(ARGS)

PIN = var/venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --quiet
IMAGE = --extra detection --extra learning --extra s3 --extra heic

pin: bootstrap ## compile requirements/*.txt from pyproject.toml; what is pinned stays where it may
	$(PIN) -o requirements/base.txt
	$(PIN) --extra demo --extra detection --extra learning -o requirements/demo.txt
	$(PIN) $(IMAGE) -o requirements/image.txt
	$(PIN) $(IMAGE) --extra demo --extra dev -o requirements/dev.txt

fix: ## repair lint findings and format
	@$(LOCAL) fix
