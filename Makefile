# Everything one does with the hub from a clone. Needs make and Python 3.11 or later; the rest is fetched.

PYTHON ?= python3
PORT   ?= 8080
VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help bench-lanes test-postings test-backup test-rolling bench-migrate bench-restore demo demo-firm demo-real demo-tryton test test-browser test-connectors test-tryton bench-ingest bench-intake bench-webhook bench-export bench-read bench-fanout bench-asof bench-match bench-console lint clean soak soak-reads

help:  ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(READY)  ## play the story on embedded servers and three simulated systems, or products: CRM=dynamics365 PSA=certinia ERP=netsuite,sap_s4hana; ONCE=1 ends after it
	$(PY) -m hub demo --data .data/demo --port $(PORT) $(if $(ONCE),--once) $(if $(CRM),--crm $(CRM)) $(if $(PSA),--psa $(PSA)) $(if $(ERP),--erp $(ERP))

demo-firm: $(READY)  ## fill a hub with a realistic services firm and show it; SCALE=0.1 for a tenth of it, ONCE=1 ends after it
	$(PY) -m hub.demo.firm --scale $(or $(SCALE),1) --data .data/firm --port $(PORT) $(if $(ONCE),--once)

demo-real: $(READY)  ## load real records: make demo-real DATA=folder-of-datasets
	@test -n "$(DATA)" || { echo "Say where the records lie: make demo-real DATA=datasets"; exit 1; }
	$(PY) -m hub.demo.real $(DATA)

demo-tryton: $(READY)  ## three databases of a real Tryton as CRM, PSA and ERP: loaded, changed on each side, compared; ONCE=1 ends after the table
	$(PY) -m hub.demo.tryton --data .data/tryton --port $(PORT) $(if $(ONCE),--once)

test: $(READY)  ## the whole suite, against real Postgres and Redis, and the type checker
	$(PY) -m tests

test-browser: $(READY)  ## the console in a real browser, with a picture of every page in .data/screens
	$(PY) -m pytest tests/browser -m "slow or not slow"

test-connectors: $(READY)  ## every connector against the conformance suite, and the simulators against clients that others wrote
	$(PY) -m tests connectors

test-tryton: $(READY)  ## the connector against a real Tryton, and the demonstration of three
	$(PY) -m pytest tests/tryton -m slow

soak: $(READY)  ## a real Tryton as three systems, then firms at work while everything breaks, every invariant judged; SEED=… MINUTES=20 FAULTS=120 CHANGES=30000 WITHOUT_TRYTON=1; the last line is JSON
	$(if $(WITHOUT_TRYTON),,$(PY) -m hub.demo.tryton --data .data/tryton --port $(PORT) --once)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --minutes $(or $(MINUTES),20) --faults $(or $(FAULTS),120) --changes $(or $(CHANGES),30000) $(if $(WITHOUT_REDIS),--without-redis)

test-backup: $(READY)  ## backups and restores, with crashes of servers and of whoever follows the log
	$(PY) -m pytest tests/backup -m "slow or not slow"

test-rolling: $(READY)  ## apis and workers replaced one by one under load
	$(PY) -m pytest tests/test_rolling.py -m slow

soak-reads: $(READY)  ## ten thousand generated queries, answered both ways; QUERIES=… SEED=…
	QUERIES=$(or $(QUERIES),10000) SEED=$(or $(SEED),1000) $(PY) -m pytest tests/api/test_two_ways.py -m slow -s

bench-ingest: $(READY)  ## ingest against its floor; the last line is JSON
	$(PY) -m tests.benchmarks.ingest

bench-intake: $(READY)  ## single messages taken in durably through HTTP, beside a bare server; the last line is JSON
	$(PY) -m tests.benchmarks.intake

bench-webhook: $(READY)  ## from commit to webhook received, beside a plain POST; the last line is JSON
	$(PY) -m tests.benchmarks.webhook

bench-lanes: $(READY)  ## writes one worker delivers to a system that answers in 5 ms, beside a plain client; the last line is JSON
	$(PY) -m tests.benchmarks.lanes

test-postings: $(READY)  ## 2,000 invoices to an ERP that loses half of its answers, workers killed meanwhile; INVOICES=…
	INVOICES=$(or $(INVOICES),2000) $(PY) -m pytest tests/flows/test_delivery_once.py -m slow -s

bench-export: $(READY)  ## a million rows exported, beside rows encoded in Python; the last line is JSON
	$(PY) -m tests.benchmarks.export

bench-read: $(READY)  ## reads beside hand-written SQL, an ORM, PostGraphile and mercurius; the last line is JSON
	$(PY) -m tests.benchmarks.read

bench-fanout: $(READY)  ## one change to 1,000 websockets beside a raw broadcast; the last line is JSON
	$(PY) -m tests.benchmarks.fanout

bench-migrate: $(READY)  ## migrations at a million rows while they are written: who waited how long; the last line is JSON
	$(PY) -m tests.benchmarks.migrate

bench-restore: $(READY)  ## a million golden records brought back, to a moment and from a portable copy; the last line is JSON
	$(PY) -m tests.benchmarks.restore

bench-asof: $(READY)  ## reads as of an instant beside the same reads of now; the last line is JSON
	$(PY) -m tests.benchmarks.asof

bench-match: $(READY)  ## the matcher on labelled records beside Splink: make bench-match DATA=folder-of-datasets, SKIP_1M=1 leaves the million out
	@test -n "$(DATA)" || { echo "Say where the records lie: make bench-match DATA=datasets"; exit 1; }
	SKIP_1M=$(SKIP_1M) $(PY) -m tests.benchmarks.match $(DATA)

bench-console: $(READY)  ## every page of the console at a million golden records; the last line is JSON
	$(PY) -m tests.benchmarks.console

lint: $(READY)  ## what ruff has to say
	$(PY) -m ruff check .

clean:  ## stop what runs on .data, then remove it and the virtual environment
	@if [ -x $(PY) ]; then for data in .data .data/demo .data/real .data/firm .data/tryton; do $(PY) -m hub stop --data $$data; done; fi
	rm -rf .data $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here: install Python 3.11 or later, or say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "The hub needs Python 3.11 or later, and $(PYTHON) ($$($(PYTHON) -V 2>&1)) is older: say make PYTHON=python3.11, for instance."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[embedded,test]'
	@touch $@
