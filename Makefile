# Everything from a clone: `make demo` runs the main job, `make test` passes the tests, `make bench` prints the
# figures, `make bench-learn` those of learning, which takes most of an hour, `make bench-backend` those of the backend.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out
PICTURES ?=

.PHONY: env demo test bench bench-learn bench-backend format clean

env: .venv/ready

# the lock first, so that every machine gets the same versions; then the package itself, editable
.venv/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: env
	$(BIN)/python -m benchmarks.demo --out $(OUT)/demo

test: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m pytest

bench: env
	$(BIN)/python -m benchmarks $(PICTURES)

bench-learn: env
	$(BIN)/python -m benchmarks.learn $(PICTURES) --curve 15,60,300

bench-backend: env
	$(BIN)/python -m benchmarks.backend

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv build dist out *.egg-info
