# Everything from a clone: `make demo` runs the main job, `make test` passes the tests, `make bench` prints the
# figures, `make krita` opens a Krita with the plugin in a fresh profile, `make app` the panel in a window of its own,
# `make screenshots` makes the pictures of docs/, `make bench-learn` those of learning, which takes most of an hour, `make bench-backend` those of the backend.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out
PICTURES ?=

.PHONY: env demo test app krita krita-archive screenshots bench bench-learn bench-backend format clean

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

app: env
	$(BIN)/sinddm app

# a profile of its own, made anew each time: nothing of the user's own Krita is touched
KRITA_HOME := $(OUT)/krita
krita: env
	rm -rf $(KRITA_HOME) && mkdir -p $(KRITA_HOME)/config $(KRITA_HOME)/data/krita
	XDG_CONFIG_HOME=$(abspath $(KRITA_HOME)/config) XDG_DATA_HOME=$(abspath $(KRITA_HOME)/data) \
		$(BIN)/python -m installer.krita install --resources $(abspath $(KRITA_HOME)/data/krita)
	XDG_CONFIG_HOME=$(abspath $(KRITA_HOME)/config) XDG_DATA_HOME=$(abspath $(KRITA_HOME)/data) \
		SINDDM_BACKEND=$(abspath $(BIN)/sinddm) krita --nosplash

krita-archive: env
	$(BIN)/python -m installer.krita build -o $(OUT)/sinddm_krita.zip

screenshots: env
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/ui/screenshots.py $(OUT)/ui

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
