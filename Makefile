# make demo   set up, run the demo, print what it made
# make test   set up, run the tests: all layers, whole runs, three minutes of random histories
# make whole  further whole runs: erasing, closing months, Dagster, the demo, orders of arrival
# make lint   ruff, mypy, sqlfluff
# make ui     Dagster at 127.0.0.1 over what the demo made
# make bench  time ingestion and refresh, as ratios; LINES=10000000 for a larger history
# make soak   300 random histories, kills, and whole runs of rare cases
# make clean  remove what was set up; the warehouse in var/ stays

# The first Python from 3.11 to 3.13; name another with `make PYTHON=...`.
IS_SUPPORTED = -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	command -v $$python >/dev/null && $$python $(IS_SUPPORTED) && echo $$python && break; done)
ANXIN_HOME ?= var
LINES ?= 1000000
export ANXIN_HOME
export DO_NOT_TRACK = 1
BIN = .venv/bin

.PHONY: demo test whole lint ui bench soak clean

demo: .venv/.ready
	$(BIN)/anxin demo

test: .venv/.ready
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

whole: .venv/.ready
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m 'whole and not soak'

lint: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 0 models tests/dbt orchestration/sources orchestration/closing

ui: .venv/.ready
	$(BIN)/anxin ui

bench: .venv/.ready
	$(BIN)/python -m benchmarks.ingestion
	$(BIN)/python -m benchmarks --lines $(LINES)

soak: .venv/.ready
	ANXIN_HYPOTHESIS='new every time' ANXIN_HISTORY_SEED=$$(date +%s) $(BIN)/python -m pytest -m soak \
		-n auto --dist worksteal

clean:
	rm -rf .venv target logs *.egg-info

# uv when it is there, otherwise venv and pip; the lock holds the hashes of all packages.
.venv/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Anxin needs Python 3.11, 3.12 or 3.13; none was found. Name one: make PYTHON=..."; \
		exit 1; }
	@$(PYTHON) $(IS_SUPPORTED) || { \
		echo "Anxin needs Python 3.11, 3.12 or 3.13; $(PYTHON) is another one."; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(PYTHON) -m venv .venv || { \
			echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; } && \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
