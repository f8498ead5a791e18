# Every command does its own set-up, says what it installs and where, and is safe to repeat.
# Tools that belong outside the repository go to $VITRINE_CACHE (default ~/.cache/vitrine).

.DEFAULT_GOAL := help
.PHONY: help serve test pkg wheel single site bench growth endure fuzz deny sbom train validate toy answers
SHELL := bash

PORT ?= 8000
DATA ?= ../shared/data
FAST ?= 0
export PORT FAST MODEL STAYS MANIFEST
export VITRINE_DATA ?= $(abspath $(DATA))

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nVariables: PORT=%s  DATA=%s  FAST=1 (a quick, larger pkg)  WASM_ROUTE=rustup|debian  CHROME=program\n' '$(PORT)' '$(DATA)'

serve: ## serve the page on 127.0.0.1 and print its address; builds the engine only if it is stale
	@tools/serve.sh

test: ## check everything, fast things first
	@tools/check.sh

pkg: ## build pkg/, the engine as WebAssembly (minutes); FAST=1 builds target/pkg-dev
	@tools/pkg.sh

wheel: ## build the Python package, target/wheel/vitrine-*.whl (many minutes)
	@tools/wheel.sh

single: ## write the page as one HTML file, target/vitrine.html; with MODEL= STAYS= [MANIFEST=] of your own, target/explain.html
	@tools/npm.sh && tools/single.sh

site: ## write the page for a static host, target/site: offline after the first visit, installable; seconds, no Rust
	@tools/npm.sh && node tools/site.mjs

bench: ## time the engine beside its peers and write docs/bench.md, docs/peers.svg and docs/scaling.svg
	@tools/bench.sh

growth: ## time every reader of records, and networks of many nodes, for n, 4n and 16n, hold the ratios to 6, and write them into docs/bad-files.md
	@VITRINE_BLESS=1 cargo test --locked --workspace --test records -- --ignored --test-threads 1 growth_of_
	@python=$$(tools/venv.sh tests/reference/requirements.txt) && VITRINE_BLESS=1 VITRINE_PYTHON=$$python node tests/node/parquet-growth.mjs

endure: ## 100,000 explanations and 1,000 changes of model in one instance; writes docs/endurance.md
	@node tests/node/endurance.mjs

fuzz: ## run every fuzz target for FUZZ_SECONDS (60) with the nightly compiler; writes docs/fuzzing.md
	@tools/fuzz.sh

deny: ## ask cargo-deny for licences, bans, sources and advisories of all crates; offline, those of tools/advisories.json
	@tools/deny.sh

sbom: ## write what pkg/ is made of, docs/sbom.cdx.json
	@node tools/sbom.mjs > docs/sbom.cdx.json

train: ## train the five demo networks again from PhysioNet 2012 in DATA
	@DATA="$(VITRINE_DATA)" training/train.sh

validate: ## run the demo networks on the eICU and MIMIC-III demos, and render the model card again
	@DATA="$(VITRINE_DATA)" training/train.sh validate

toy: answers ## the same as answers

answers: ## train the networks with known answers again; write docs/known-answers.md, docs/holds.md and figures (15 minutes)
	@"$$(tools/venv.sh tests/reference/requirements.txt)" training/toy/train.py
	@"$$(tools/venv.sh tests/reference/requirements.txt)" training/planted/train.py
	@VITRINE_BLESS=1 CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test --locked --workspace --test engine -- toy:: planted:: markers::
	@mkdir -p target/set-b && tar -xJf "$(VITRINE_DATA)/physionet2012/set-b.tar.xz" -C target/set-b
	@VITRINE_BLESS=1 VITRINE_SET_B="$(CURDIR)/target/set-b/set-b" CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test --locked --workspace --test engine -- --ignored make_answers_tables
	@VITRINE_BLESS=1 VITRINE_SET_B="$(CURDIR)/target/set-b/set-b" CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test --locked --workspace --test study -- --ignored make_answers
	@"$$(tools/venv.sh tests/reference/requirements.txt)" training/figures.py
