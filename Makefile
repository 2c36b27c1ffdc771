# Every target sets up what it needs; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := $(CURDIR)/.venv
PY := $(VENV)/bin/python
READY := .venv/.ready
BUILT_FROM := Cargo.toml Cargo.lock pyproject.toml $(shell find rust -name '*.rs' -o -name Cargo.toml)

# rustup leaves PATH to the next login, hence its folder; PyO3 must see one interpreter in every build, or it builds twice.
export PATH := $(VENV)/bin:$(PATH):$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin
export PYO3_PYTHON := $(PY)
unexport PYTHONPATH

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(READY) ## Make .venv with the locked packages and build the Rust extension

# An environment that was moved or copied with its folder is not ready, whatever its stamp says.
ifneq ($(shell cat .venv/.folder 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

# The stamp is older than whatever changed since; setup.sh itself skips what is in place.
$(READY): requirements.lock scripts/setup.sh gui/pyproject.toml $(BUILT_FROM)
	@sh scripts/setup.sh
	@touch $@

.PHONY: build
build: $(READY) ## Build the Rust extension again, whether or not it changed
	VIRTUAL_ENV=$(VENV) PIP_QUIET=1 $(PY) -m maturin develop --release --locked

# --- the main job ---------------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(READY) ## Import, design, evaluate and report a real topology into build/demo
	@sh scripts/demo.sh

.PHONY: gui
gui: $(READY) ## Open the desktop application on the demo's fabric, or on an example
	$(VENV)/bin/lightlane gui $(firstword $(wildcard build/demo/fabric.toml) examples/09_years_of_a_metro/scenario.toml)

.PHONY: screenshots
screenshots: $(READY) ## Open real windows under Xvfb and take a picture of every view into build/screenshots
	@sh scripts/screenshots.sh

.PHONY: bench
bench: $(READY) ## Print links per second, start-up time, the same line in GNPy, split steps next to OptiCommPy's
	$(VENV)/bin/lightlane bench
	$(PY) scripts/bench_gnpy.py
	$(PY) scripts/bench_nli.py
	$(PY) scripts/bench_split_step.py
	$(PY) scripts/bench_coherent_dsp.py
	$(PY) scripts/bench_product_fec.py
	$(PY) scripts/bench_fec.py
	$(PY) scripts/bench_waveform.py
	$(PY) scripts/bench_direct_waveform.py
	$(PY) scripts/bench_tdecq.py
	$(PY) scripts/bench_pictures.py
	$(PY) scripts/bench_failures.py
	$(PY) scripts/bench_live.py
	$(PY) scripts/bench_store.py
	$(PY) scripts/bench_scenario.py
	$(PY) scripts/bench_store.py
	$(PY) scripts/bench_gui_map.py
	$(PY) scripts/bench_gui.py

# --- tests and checks -----------------------------------------------------------------------------------------------

.PHONY: test test-unit test-models
test: $(READY) ## Run the Python tests but the slow ones, in two halves side by side
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=line test-models test-unit

test-unit: $(READY)
	$(PY) -m pytest -m "not slow" tests/unit tests/gui

test-models: $(READY)
	$(PY) -m pytest -m "not slow" --ignore tests/unit --ignore tests/gui

.PHONY: test-all
test-all: $(READY) test-rust ## Run every test, slow ones and Rust's too
	$(PY) -m pytest

.PHONY: test-rust
test-rust: $(READY) ## Run the tests of the Rust core
	cargo test --quiet --locked --package lightlane-core

.PHONY: check
check: check-format check-lint check-clippy check-types check-stubs check-imports check-schemas check-licenses test-rust ## Run every check but the Python tests

.PHONY: check-format
check-format: $(READY)
	$(PY) -m ruff format --check .
	cargo fmt --all --check

.PHONY: check-lint
check-lint: $(READY)
	$(PY) -m ruff check .

.PHONY: check-clippy
check-clippy: $(READY)
	cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings

.PHONY: check-types
check-types: $(READY)
	$(PY) -m mypy

.PHONY: check-stubs
check-stubs: $(READY)
	MYPYPATH=python $(PY) -m mypy.stubtest --mypy-config-file pyproject.toml lightlane._core

.PHONY: check-imports
check-imports: $(READY)
	$(VENV)/bin/lint-imports

.PHONY: check-schemas
check-schemas: $(READY)
	@rm -rf build/schemas && mkdir -p build/schemas
	$(VENV)/bin/lightlane schema --write build/schemas
	diff -r --exclude=README.md build/schemas schemas

.PHONY: check-licenses
check-licenses: $(READY)
	$(PY) -m pytest --quiet tests/test_licenses.py

.PHONY: deny
deny: ## Check crates against deny.toml with cargo-deny: licenses, bans, sources, advisories
	@command -v cargo-deny >/dev/null || { echo "cargo-deny is not installed; get it with: cargo install --locked cargo-deny" >&2; exit 1; }
	cargo deny --locked check

.PHONY: format
format: $(READY) ## Format Python and Rust, mend what the linters can mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	cargo fmt --all

# --- generated files ------------------------------------------------------------------------------------------------

.PHONY: schemas
schemas: $(READY) ## Write the JSON schemas again
	$(VENV)/bin/lightlane schema --write schemas

.PHONY: lock
lock: $(READY) ## Write requirements.lock again from pyproject.toml
	@command -v uv >/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check uv
	uv pip compile pyproject.toml gui/pyproject.toml --quiet --universal --python-version 3.11 --extra dev --extra captures --extra cluster --extra responses --extra topologies \
		--no-emit-package lightlane --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

.PHONY: clean
clean: ## Remove what was built; .venv stays
	rm -rf build dist target .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find python gui rust tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f python/lightlane/_core*.so python/lightlane/_core*.pyd $(READY)
