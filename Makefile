# Every task of the project. `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= dev
RUNS ?= runs
MODEL ?= models/names-int8.tflite
SPLIT ?= test

# Says so at once where Python is too old; a half-made environment is made anew.
NEW_VENV = $(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed: make PYTHON=python3.12 ...')" && $(PYTHON) -m venv --clear

.PHONY: help demo setup test test-browser check format test-matrix wheel train synth-preview name-model quantize evaluate data-named bench ship clean

help:
	@echo "demo         read an example name; installs the light device side alone"
	@echo "test         make the development environment and run all tests"
	@echo "test-browser the review page in a headless Chromium"
	@echo "check        lint, format, types and import contracts"
	@echo "test-matrix  the device side's tests on every Python found, from the built wheel"
	@echo "train        train a model          DATA= PRESET= EPOCHS= LIMIT= MADE= NAMES= STROKES= FONTS= CUT= CUT_BY= INIT= EXTRA= DOUBT_BY= SEED= RESUME= ARGS="
	@echo "synth-preview  real crops beside made names      DATA= NAMES= STROKES= FONTS= CUT_BY= ARGS="
	@echo "quantize     full-int8 .tflite of the newest run, else of the shipped float model   RUN= DATA= ARGS="
	@echo "name-model   how names are spelt, for the beam      LISTS=\"a.csv=0.8 b.csv=0.2\" OUTPUT= ARGS="
	@echo "evaluate     report and figures of a model on a split      DATA= MODEL= SPLIT= DECODER= ARGS="
	@echo "bench        the yardstick graph, beam and rosters, other OCR      MODEL= PICTURES= LABELS= OCR_PYTHON="
	@echo "ship         put a quantized run into models/ if it is no worse      RUN= DATA="
	@echo "wheel        build the wheel into dist/"
	@echo "setup        the development environment alone      EXTRAS= VENV= PYTHON="
	@echo "format       mend what the linter can, and format"
	@echo "clean        remove the demo's and the matrix's environments and built files"

.venv-demo/.installed: pyproject.toml $(wildcard edge/hwr_edge/*.py) models/names-int8.tflite models/name-model.npz
	$(NEW_VENV) .venv-demo
	.venv-demo/bin/python -m pip install -q .
	touch $@

demo: .venv-demo/.installed
	.venv-demo/bin/hwr-edge file examples/manon.png

$(BIN)/.installed: pyproject.toml
	$(NEW_VENV) $(VENV)
	$(BIN)/python -m pip install -q -e ".[$(EXTRAS)]"
	touch $@

setup: $(BIN)/.installed

test: setup
	$(BIN)/python -m pytest

# Needs Chromium and its driver (Debian: chromium chromium-driver).
test-browser: setup
	$(BIN)/python -m pytest tests/browser

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-matrix: setup
	$(BIN)/python tests/matrix.py $(if $(REQUIRE),--require $(REQUIRE))

wheel: setup
	$(BIN)/python -m build --wheel

train: setup
	$(BIN)/python -m hwr_train train --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(if $(PRESET),--preset $(PRESET)) \
	  $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(LIMIT),--limit $(LIMIT)) \
	  $(if $(MADE),--made $(MADE)) $(if $(NAMES),--names "$(NAMES)") \
	  $(if $(STROKES),--strokes "$(STROKES)") $(if $(FONTS),--fonts "$(FONTS)") $(if $(SEED),--seed $(SEED)) \
	  $(if $(CUT),--cut $(CUT)) $(if $(CUT_BY),--cut-by "$(CUT_BY)") $(if $(INIT),--init "$(INIT)") \
	  $(foreach folder,$(EXTRA),--extra "$(folder)") $(if $(DOUBT_BY),--doubt-by "$(DOUBT_BY)") \
	  $(if $(RESUME),--resume "$(RESUME)") $(ARGS)

synth-preview: setup
	$(BIN)/python -m hwr_train preview --runs "$(RUNS)" $(if $(DATA),--data "$(DATA)") \
	  $(if $(NAMES),--names "$(NAMES)") $(if $(STROKES),--strokes "$(STROKES)") \
	  $(if $(FONTS),--fonts "$(FONTS)") \
	  $(if $(CUT_BY),--cut-by "$(CUT_BY)") $(ARGS)

name-model: setup
	$(BIN)/python -m hwr_train name-model $(LISTS) $(if $(OUTPUT),--output "$(OUTPUT)") $(ARGS)

quantize: setup
	$(BIN)/python -m hwr_convert quantize $(if $(RUN),"$(RUN)") --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(ARGS)

evaluate: data-named setup
	$(BIN)/python -m hwr_train evaluate --data "$(DATA)" --model "$(MODEL)" --split $(SPLIT) $(if $(DECODER),--decoder $(DECODER)) --runs "$(RUNS)" $(ARGS)

# Named before the environment is made.
data-named:
	@test -n "$(DATA)" || { echo "name the data folder: make evaluate DATA=folder" >&2; exit 2; }

# LABELS, a CSV of FILENAME,IDENTITY, and OCR_PYTHON, where RapidOCR is, go with PICTURES.
bench: setup
	$(BIN)/python tests/bench/invoke_against_yardstick.py "$(MODEL)"
	$(BIN)/python tests/bench/roster_and_beam.py
	$(if $(PICTURES),$(BIN)/python tests/bench/against_ocr.py "$(PICTURES)" \
	  $(if $(LABELS),--labels "$(LABELS)") $(if $(OCR_PYTHON),--python "$(OCR_PYTHON)"))

ship: setup
	$(BIN)/python -m hwr_convert ship $(if $(RUN),"$(RUN)") --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(ARGS)

clean:
	rm -rf .venv-demo .venv-matrix dist build
