# make backfill   a fresh machine to a checked, complete league, in one command
# make dev        the Dagster UI on port 3000 with the same data
# make test       the tests that run in minutes; make proofs runs the slow ones, make longest the rest
# make benchmark  speed, as ratios of two things measured in one run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: backfill dev test proofs longest lint benchmark clean

$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "installing into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

backfill: $(VENV)/.installed
	@$(BIN)/nba-backfill run --season newest

dev: $(VENV)/.installed
	@$(BIN)/dagster dev --workspace workspace.yaml --port 3000

test: $(VENV)/.installed
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow"

proofs: $(VENV)/.installed
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m "slow and not longest"

longest: $(VENV)/.installed
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m longest

lint: $(VENV)/.installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

benchmark: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.commands
	@$(BIN)/python -m benchmarks.orchestration
	@$(BIN)/python -m benchmarks.carrying
	@$(BIN)/python -m benchmarks.predictions
	@$(BIN)/python -m benchmarks.documents
	@$(BIN)/python -m benchmarks.event_log

clean:
	rm -rf $(VENV)
	@if [ -e .nba_backfill ]; then \
	  du -sh .nba_backfill | sed 's/\t.*/ of warehouse, models and record of runs are in .nba_backfill/'; \
	  printf 'delete them too? [y/N] '; read answer || answer=n; \
	  if [ "$$answer" = y ]; then rm -rf .nba_backfill; else echo kept; fi; \
	fi
