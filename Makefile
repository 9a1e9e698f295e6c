# Verbs for people and CI alike; the first use makes .venv (scripts/setup.sh). PYTHON=python3.12 picks a Python,
# ARGS="..." is handed on to the command behind a verb.
PY := .venv/bin/python
SEED ?= 1
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help run test slow coverage e2e soak fuzz lint types format bench test-bench kill mutants train results doctor lock audit gate explanations app-env dev-env

help:  ## list these verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: app-env  ## open the app
	$(PY) -m streamlit run streamlit_app.py $(ARGS)

# In the order of the folders, pages first: after TensorFlow was loaded Streamlit clears up behind every run of a page.
test: dev-env  ## run the tests
	$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

slow: dev-env  ## run the slow tests (real trainings, kills, exhaustive walks)
	$(PY) -m pytest -m slow $(ARGS)

coverage: dev-env  ## measure which branches of core the tests take, fast and slow ones together
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest -n auto --dist loadfile -m "not bench and not kill" $(ARGS)
	$(PY) -m coverage combine -q
	$(PY) -m coverage report

e2e: dev-env  ## run the browser tests (needs Chromium; CHROMIUM=/path picks one)
	$(PY) -m pytest tests/e2e -n auto --dist loadfile $(ARGS)

soak: dev-env  ## let 64 readers upload for ten minutes; writes docs/soak.md (Linux)
	$(PY) -m tests.soak.soak --out docs/soak.md $(ARGS)

fuzz: dev-env  ## look for inputs that break the decoder: make fuzz [SECONDS=60] (Linux)
	$(PY) -m tests.fuzz.fuzz_decoder --seconds "$(SECONDS)" $(ARGS)

lint: dev-env  ## check style, and who imports whom
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	PYTHONPATH=. .venv/bin/lint-imports --no-logo

types: dev-env  ## check types
	$(PY) -m mypy

format: dev-env  ## repair style where a tool can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev-env  ## run the benchmarks (ARGS=--quick for a short run)
	@for script in benchmarks/*.py; do name=benchmarks.$$(basename "$$script" .py); echo "== $$name"; $(PY) -m "$$name" $(ARGS) || exit 1; done

test-bench: dev-env  ## run every benchmark in its short form, as tests
	$(PY) -m pytest tests/test_benchmarks.py -m bench $(ARGS)

kill: dev-env  ## kill trainings, searches, screenings and writers of artifacts, 20 times each (Linux)
	LUNGLENS_KILLS=20 $(PY) -m pytest tests/kill -m kill -s $(ARGS)

mutants: dev-env  ## change the code in small ways and see which changes no test notices; writes docs/mutants.md
	$(PY) -m scripts.mutants $(ARGS)

train: app-env  ## train a model: make train MODEL=name DATA=folder [SEED=1]
	@test -n "$(MODEL)" && test -n "$(DATA)" || { echo "usage: make train MODEL=name DATA=folder [SEED=1]; names: $(PY) -m core models" >&2; exit 2; }
	$(PY) -m core train "$(MODEL)" --data "$(DATA)" --seed "$(SEED)" $(ARGS)

results: app-env  ## evaluate the committed scores anew: artifacts/results.json and MANIFEST.json
	$(PY) -m scripts.make_results

doctor: app-env  ## check the installation and the artifacts
	$(PY) -m core doctor $(ARGS)

lock: dev-env  ## write requirements.lock, all packages with hashes
	@{ echo "# All packages of requirements.txt with their hashes, for production: pip install --require-hashes -r requirements.lock"; \
	  echo "# Made by: make lock"; \
	  $(PY) -m uv pip compile requirements.txt --generate-hashes --universal --python-version 3.11 -q --no-emit-index-url --no-header; \
	} > requirements.lock.new && mv requirements.lock.new requirements.lock

audit: dev-env  ## look for known holes in the dependencies (needs the network)
	$(PY) -m pip_audit -r requirements.lock --require-hashes --disable-pip --strict

gate: app-env  ## fit the input gate: make gate DATA=folder OTHER=folder
	$(PY) -m scripts.make_gate --data "$(DATA)" --other "$(OTHER)" $(ARGS)

explanations: app-env  ## measure the explanations: make explanations DATA=folder
	$(PY) -m scripts.make_explanations --data "$(DATA)" $(ARGS)

app-env:
	@sh scripts/setup.sh requirements.txt

dev-env:
	@sh scripts/setup.sh requirements-dev.txt
