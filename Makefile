# `make` lists the targets. `make run` needs Rust and a C compiler. `make test` starts its own databases.
.DEFAULT_GOAL := help
.PHONY: help env run test test-clients test-dav test-schema test-chaos soak coverage mutants check bench bench-flood bench-pictures bench-search bench-layers release reproducible sbom fmt openapi mails up down

CARGO ?= cargo
COMPOSE ?= docker compose
# `make bench-flood PROFILE=dev` avoids the long build and shows longer times.
PROFILE ?= release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# Without a prerequisite, so that a newer .env.example never replaces settings in use.
.env:
	@scripts/make-env

env: .env ## write .env with new secrets, unless it exists

run: .env ## build, migrate and serve
	$(CARGO) build --locked --bin contacts-api
	@$(CARGO) run --locked --quiet --bin contacts-api

test: ## run every test, with a private PostgreSQL and Redis
	scripts/with-services scripts/run-tests

test-clients: ## walk through the API with generated clients (TypeScript, Python); needs scripts/get-linters and Java
	scripts/test-clients

test-dav: ## synchronize with vdirsyncer, khard and tsdav; part of `make test`
	$(CARGO) build --locked --bin contacts-api
	python3 scripts/dav vdirsyncer khard tsdav

# SEED=NUMBER generates other requests, or those of another run. `make soak` has a new one each time.
test-schema: ## test the service against its own OpenAPI document; part of `make test`
	$(CARGO) build --locked --bin contacts-api
	python3 scripts/schema --examples 50 $(if $(SEED),--seed $(SEED))

# SCENARIOS="disk-sqlite mail-cutting" selects some.
test-chaos: ## stop, cut and fill what the service needs, and kill it, under load: 50 minutes; part of `make soak`
	$(CARGO) build --locked --bin contacts-api
	scripts/with-services python3 scripts/chaos $(SCENARIOS)

# TESTS="thunderbird timing" selects some. FUZZ_SECONDS=60 is the time for each parser.
soak: ## run the tests that are too long for `make test`, about five hours; as root on Debian it installs programs
	$(CARGO) build --locked --bin contacts-api
	scripts/soak $(TESTS)

coverage: ## measure which lines the tests reach; fails below 92 %, and writes the figure into the README
	scripts/with-services scripts/coverage

# MUTANTS="--package vcard" selects some: see scripts/mutants.
mutants: ## change domain and vcard in each way that a test should notice, one change at a time: hours
	scripts/mutants $(MUTANTS)

check: ## check formatting, words, lints, docs, dependencies, licences, secrets
	scripts/check

# BENCH_SECONDS, BENCH_USERS and BENCH_WRITE: see scripts/bench/__main__.py. No Redis is needed, so none is started.
bench: ## compare the service with the least code that does the same, on both databases: docs/performance.md
	$(CARGO) build --locked --release --package api --bin contacts-api --example floors --example bench_data
	$(CARGO) build --locked --release --manifest-path scripts/bench/drivers/Cargo.toml --target-dir target
	DURABLE=yes TEST_REDIS_URL=none scripts/with-services python3 scripts/bench

bench-flood: ## measure other routes while login is flooded (SQLite; PostgreSQL: scripts/with-services make bench-flood)
	$(CARGO) run --locked --profile $(PROFILE) --package api --example flood

bench-layers: ## processor time of a request in the service, in PgBouncer and in PostgreSQL
	$(CARGO) build --locked --release --bin contacts-api
	scripts/with-services $(CARGO) run --locked --package api --example cost_by_layer -- target/release/contacts-api

bench-search: ## reads of 10,000 contacts, alone and among ROWS=1000000 (PostgreSQL too: scripts/with-services make bench-search)
	$(CARGO) run --locked --profile $(PROFILE) --package persistence --example search_at_scale

release: ## build the program for a release: target/release/contacts-api, the same bytes in each folder
	scripts/build-release

reproducible: ## build the last commit for a release in two folders, and compare the bytes; 20 minutes or longer
	scripts/reproducible

sbom: ## write the bill of materials of the program (CycloneDX) to target/sbom
	python3 scripts/crates sbom

fmt: ## format the code
	$(CARGO) fmt --all

openapi: ## print the OpenAPI document
	@$(CARGO) run --locked --quiet --bin contacts-api -- openapi

mails: ## write every mail of the service to target/mails, to be viewed
	@echo 'Writes every mail to target/mails. The first build takes some minutes.'
	$(CARGO) run --locked --package mailer --example mails -- target/mails
	@echo 'Now open target/mails/index.html'

bench-pictures: ## measure memory and latency while eight clients upload large pictures and decompression bombs
	$(CARGO) build --locked --release --bin contacts-api
	$(CARGO) run --locked --package api --example pictures_under_load -- target/release/contacts-api

up: .env ## build and start everything in containers; COMPOSE_PROFILES=replicas: two processes behind a proxy
	$(COMPOSE) up --build --detach --wait --remove-orphans

# Applies to all profiles.
down: .env ## stop and remove the containers and their networks; volumes (database, pictures) are not deleted
	$(COMPOSE) --profile '*' down --remove-orphans
