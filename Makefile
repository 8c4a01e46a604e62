# make run   开看板 / open the dashboard        make test  全部测试 / all tests
# make check 格式、规范、类型 / lint and types   make bench 速度对比 / benchmarks
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check format bench pictures messages clean

run: $(VENV)/.run
	$(BIN)/python -m analytics load-sample
	$(BIN)/python -m streamlit run dashboard.py

test: $(VENV)/.dev
	sh .ci/system-packages
	$(BIN)/python -m pytest tests/test_durability.py  # alone: it kills processes at random moments
	$(BIN)/python -m pytest -n 2 --dist loadscope --ignore=tests/test_durability.py

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.intake

# The pictures of README, from the running dashboard with the sample data.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.pictures docs/pictures

$(VENV)/.run: requirements.txt
	test -d $(VENV) || $(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed / 需要 Python 3.11 或更新版本" if sys.version_info < (3, 11) else 0)'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .mypy_cache .hypothesis

# Collect the words on screen into the English catalogue; untranslated ones stay empty and a test names them.
messages: $(VENV)/.dev
	mkdir -p build
	$(BIN)/pybabel --quiet extract --no-location --sort-output -k _ -k mark -o build/messages.pot analytics ui pages sample_data dashboard.py
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --no-wrap --ignore-obsolete -i build/messages.pot -d analytics/locale -l en
