# Everything from a clone: `make demo` runs the main job, `make test` passes the tests, `make bench` prints the
# figures, `make bench-learn` those of learning, which takes most of an hour, `make bench-backend` those of the backend.
# `make app` opens the panel in a window of its own, `make krita` and `make gimp` an editor with the plugin in a fresh
# profile; `make screenshots` photographs the panel in all its states, `make test-krita-all` and `make test-gimp-all`
# test in newer editors as well, `make pictures` makes what docs/ shows. `make release` makes all that is given away, `make test-bundle` tests it.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out
# tests side by side: two cores keep up with three, as those of editors mostly wait
JOBS ?= 3
PICTURES ?=
# the bundle has an environment of its own: torch for the processor, and this clone's wheel instead of the clone
BUNDLING := .venv-bundle
CPU_TORCH := https://download.pytorch.org/whl/cpu
# what is made twice is the same
PYINSTALLER := PYTHONHASHSEED=1 SOURCE_DATE_EPOCH=315532800 $(BUNDLING)/bin/pyinstaller \
	--noconfirm --log-level WARN --distpath dist --workpath build

.PHONY: env demo test app krita krita-archive gimp pictures screenshots test-krita-all test-gimp-all \
	packages bundle installer release test-bundle bench bench-learn bench-backend bench-text format clean

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
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

app: env
	$(BIN)/sinddm app

# a profile of its own, made anew each time: nothing of the user's own Krita is touched
KRITA_HOME := $(OUT)/krita
krita: env
	rm -rf $(KRITA_HOME) && mkdir -p $(KRITA_HOME)/config $(KRITA_HOME)/data/krita
	XDG_CONFIG_HOME=$(abspath $(KRITA_HOME)/config) XDG_DATA_HOME=$(abspath $(KRITA_HOME)/data) \
		$(BIN)/python -m sinddm_installer krita install --resources $(abspath $(KRITA_HOME)/data/krita)
	XDG_CONFIG_HOME=$(abspath $(KRITA_HOME)/config) XDG_DATA_HOME=$(abspath $(KRITA_HOME)/data) \
		SINDDM_BACKEND=$(abspath $(BIN)/sinddm) krita --nosplash

krita-archive: env
	$(BIN)/python -m sinddm_installer krita build -o $(OUT)/sinddm_krita.zip

# this system's GIMP 3, or as root one that is made in the cache
gimp: env
	$(BIN)/python tests/gimp/trying.py $(abspath $(OUT)/gimp)

# what docs/ shows, by the real Krita, GIMP and installer on a screen that nobody sees
pictures: env
	$(BIN)/python tests/krita/krita_pictures.py
	$(BIN)/python tests/gimp/gimp_pictures.py
	$(BIN)/python tests/installer/installer_pictures.py

screenshots: env
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/ui/screenshots.py $(OUT)/ui

# as root: systems with Krita 5.2 and 5.3 are made in the cache, three minutes and 1.3 GB each
test-krita-all: env
	$(BIN)/python -m pytest tests/krita
	$(BIN)/python tests/krita/chroots.py

# as root: systems with GIMP 3.0 and 3.2, a minute and 700 MB each
test-gimp-all: env
	$(BIN)/python tests/gimp/chroots.py

# the wheel, the sources and the editors' archives, in dist/release
packages: env
	$(BIN)/python -m sinddm_installer.release

$(BUNDLING)/ready: requirements-bundle.lock
	$(PYTHON) -m venv $(BUNDLING)
	$(BUNDLING)/bin/pip install --quiet --requirement requirements-bundle.lock \
		|| $(BUNDLING)/bin/pip install --quiet --requirement requirements-bundle.lock --extra-index-url $(CPU_TORCH)
	touch $@

# a folder that runs without Python: dist/sinddm
bundle: packages $(BUNDLING)/ready
	$(BUNDLING)/bin/pip install --quiet --no-deps --force-reinstall dist/release/sinddm-*.whl
	$(PYINSTALLER) installer/bundle/sinddm.spec

# the installer as one file: dist/sinddm-installer
installer: packages $(BUNDLING)/ready
	$(BUNDLING)/bin/pip install --quiet --no-deps --force-reinstall dist/release/sinddm-*.whl
	$(PYINSTALLER) installer/bundle/installer.spec -- $(CURDIR)/dist/release/sinddm-*.whl

# all files that are given away, with their checksums, in dist/release
release: bundle installer
	$(BIN)/python -m sinddm_installer.release --bundle dist/sinddm --installer dist/sinddm-installer

# as root: what was bundled runs in systems without Python; the first is made in the cache, a minute and 400 MB
test-bundle: bundle installer
	SINDDM_TEST_BUNDLE=$(abspath dist) $(BIN)/python -m pytest tests/bundle

bench: env
	$(BIN)/python -m benchmarks $(PICTURES)

bench-learn: env
	$(BIN)/python -m benchmarks.learn $(PICTURES) --curve 15,60,300

bench-backend: env
	$(BIN)/python -m benchmarks.backend

bench-text: env
	$(BIN)/python -m benchmarks.text

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv $(BUNDLING) build dist out *.egg-info
