# The contributor's menu. Each target sets up what it needs.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo man test test-servers test-jedis test-spring test-jdk test-packages lint rust java install bench bench-c bench-convergence bench-failover bench-fleet bench-scale fuzz soak soak-fast sanitize clean

# Absolute, as Maven's modules look for the library and the test cluster's program below it.
export CARGO_TARGET_DIR ?= $(CURDIR)/target

help: ## show this menu
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## see that the tools are there; as root on Debian, install those that are missing
	@scripts/setup.sh

demo: setup ## replay the disaster on a real cluster: an application lives although a data centre is dead
	@scripts/demo.sh

test: setup lint rust java ## everything that a change must pass

test-servers: ## the tests on real clusters with Redis 3.0, 5.0, 6.2, 7.0 and Valkey 9.0, fetched once: SERVERS="redis-3.0.5" TESTS="keeper soak"
	@scripts/setup.sh servers
	@scripts/test-servers.sh $(if $(SERVERS),--servers "$(SERVERS)") $(if $(TESTS),--tests "$(TESTS)")

test-jedis: setup ## the tests of Java with each version of Jedis from 2.9.0 to 8.0.2, and a table of what works: VERSIONS="2.9.0 8.0.2"
	cargo build --release --lib
	cargo build --example test-cluster
	@scripts/test-jedis.sh $(VERSIONS)

test-spring: setup ## the tests of Java with each Spring Boot from 1.5 to 4.1: VERSIONS="1.5.22.RELEASE 4.1.2"
	cargo build --release --lib
	cargo build --example test-cluster
	@scripts/test-spring.sh $(VERSIONS)

test-jdk: setup ## the tests of Java on Java 25, and with each use of JNI checked: VERSIONS="25 jni"
	cargo build --example test-cluster
	@scripts/test-jdk.sh $(VERSIONS)

test-packages: setup ## whether what is published can be used by an application that knows nothing of us
	@scripts/test-packages.sh

lint: ## format and lints, with and without the default features
	@echo "== lint"
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --no-default-features -- -D warnings
	cargo clippy --bin slotkeeper --test cli --test alerts --features cli -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet

rust: setup ## the tests of the core, of the C ABI and of the program, on real clusters
	@echo "== Rust and C"
	@scripts/test-rust.sh

java: setup ## the tests of the Java modules, on real clusters
	@echo "== Java: the library and the test cluster's program"
	cargo build --example test-cluster
	native=$$(scripts/native.sh); \
	echo "== Java: modules, two side by side, as they wait for clusters most of the time"; \
	mvn --batch-mode --no-transfer-progress --threads 2 -f java/pom.xml -Dslotkeeper.cargo-target=$(CARGO_TARGET_DIR) -Dslotkeeper.native=$$native verify

man: ## the man pages of the program slotkeeper, into target/man
	mkdir -p $(CARGO_TARGET_DIR)/man
	cargo run --quiet --features cli -- generate man $(CARGO_TARGET_DIR)/man

install: setup ## put the Java modules into the local Maven repository, with sources and javadoc
	native=$$(scripts/native.sh); \
	mvn --batch-mode --no-transfer-progress -f java/pom.xml -Dslotkeeper.cargo-target=$(CARGO_TARGET_DIR) -Dslotkeeper.native=$$native \
		--activate-profiles publish -DskipTests install

bench: setup ## how fast the pure parts are, beside other clients; which floors are held
	cargo bench --bench facts --bench topology
	@scripts/bench-java.sh

bench-c: setup ## how fast the library is for C programs, also on a running cluster
	@scripts/bench-c.sh

bench-convergence: setup ## how soon a keeper has the new map after a failover, on a real cluster: RUNS=20 of each fault
	@scripts/bench-convergence.sh --runs $(or $(RUNS),20)

bench-failover: setup ## what a failover costs under load with a version of Jedis, plain and with a gate: VERSION="2.9.0 8.0.2" RUNS=10 PARTS=few,incr
	@scripts/bench-failover.sh --runs $(or $(RUNS),10) $(if $(PARTS),--parts $(PARTS)) $(VERSION)

bench-fleet: setup ## what many keepers cost one cluster, at rest and while a master fails over: KEEPERS=200 TIME=30
	cargo bench --bench fleet -- --keepers $(or $(KEEPERS),200) --seconds $(or $(TIME),30)

bench-scale: ## what a keeper costs on a cluster of 1000 nodes, which a stub plays, and how soon it knows of a change: CHANGES=30 of each
	cargo bench --bench scale -- --changes $(or $(CHANGES),30)

fuzz: ## look for inputs that break what must always hold: SECONDS=60 each, TARGET=all of fuzz/fuzz_targets
	@command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
	@for target in $(or $(TARGET),address info nodes merge); do \
		echo "== fuzz $$target"; \
		mkdir -p fuzz/target/corpus/$$target; \
		CARGO_TARGET_DIR=$(CURDIR)/fuzz/target RUSTC_BOOTSTRAP=1 cargo fuzz run $$target \
			fuzz/target/corpus/$$target fuzz/corpus/$$target -- -dict=fuzz/dictionary/$$target.dict \
			-max_total_time=$(or $(SECONDS),60) -max_len=8192 -timeout=5 -rss_limit_mb=512; \
	done

soak: setup ## faults of chance on a real cluster, and what a keeper says of it: SEEDS=1..20 STEPS=50 LAYOUTS=1..40; goes on where it was ended
	REALITY_SEEDS=$(LAYOUTS) cargo test --test reality -- --ignored --nocapture layouts
	cargo test --test keeper_pace -- --ignored --exact a_process_that_was_paused_for_half_a_minute_suspects_nobody
	cargo test --features cli --test alerts -- --ignored
	SOAK_SEEDS=$(SEEDS) SOAK_STEPS=$(STEPS) cargo test --test soak -- --ignored --nocapture many_steps

soak-fast: setup ## the same with keepers at a hundred times their pace: whether memory, threads, descriptors stay flat; MINUTES=60
	@# One arena: else what each of the harness's many threads has given back stays resident in one of its own.
	MALLOC_ARENA_MAX=1 SOAK_MINUTES=$(MINUTES) cargo test --release --test soak -- --ignored --nocapture nothing_grows

sanitize: setup ## the tests of the core and of the keeper under ThreadSanitizer and AddressSanitizer
	@scripts/sanitize.sh

clean: ## remove what was built
	cargo clean
	find java -name target -type d -prune -exec rm -rf {} +
