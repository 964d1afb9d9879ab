# What is built is kept outside of the checkout: a fresh clone finds it.
export PALISADE_CACHE ?= $(HOME)/.cache/palisade
export CARGO_TARGET_DIR ?= $(PALISADE_CACHE)/target
KEEP ?=
CLUSTER ?=
PART ?=
SERVE ?=
# One file of crds/ each.
KINDS = protectedapis awsaccounts perimeterclasses perimeterplans
# What only some need, each in a file deploy/iam-policy-*.json of its own.
POLICIES = shield accounts names mutual-tls pricing-plans adoption traffic
# Built with a test: alone, its dependencies have other features, and the tests would compile them again.
BINARY = cargo build --quiet --locked --bin palisade --test domain
PALISADE = $(CARGO_TARGET_DIR)/debug/palisade

.PHONY: help build demo test lint generate crds chart docs bench image
help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the release binary
	cargo build --release --locked

demo: ## See it work, on this machine alone; ACT=adopt takes over what stands, KEEP=1 leaves it running, CLUSTER=current uses your cluster
	@KEEP='$(KEEP)' CLUSTER='$(CLUSTER)' ACT='$(ACT)' demo/run

test: ## Set up what the tests need and run all of them
	@tests/run

lint: ## Formatting, clippy, dependencies
	cargo fmt --check
	CARGO_TARGET_DIR='$(PALISADE_CACHE)/check' cargo clippy --locked --all-targets -- -D warnings
	tests/deny
	$(BINARY)
	tests/generated
	tests/python-style
	tests/monitoring
	tests/workflows

docs: ## Make the documentation's site; SERVE=1 serves it while docs/ is edited
	@SERVE='$(SERVE)' site/build

generate: crds ## Generate crds/, the IAM policies and the dashboard in deploy/ from the code, and what follows from the charts
	$(PALISADE) iam-policy > deploy/iam-policy.json.new
	mv deploy/iam-policy.json.new deploy/iam-policy.json
	$(PALISADE) iam-policy --boundary > deploy/permissions-boundary.json.new
	mv deploy/permissions-boundary.json.new deploy/permissions-boundary.json
	for part in $(POLICIES); do \
	  $(PALISADE) iam-policy --$$part > deploy/iam-policy-$$part.json.new \
	  && mv deploy/iam-policy-$$part.json.new deploy/iam-policy-$$part.json || exit 1; done
	python=$$(tests/env/docs/setup) && for made in dashboard:dashboard.json prometheusrule:prometheusrule.yaml; do \
	  $$python deploy/monitoring/generate.py $${made%%:*} > deploy/monitoring/$${made#*:}.new \
	  && mv deploy/monitoring/$${made#*:}.new deploy/monitoring/$${made#*:} || exit 1; done
	deploy/chart/generate

crds: ## Generate crds/ from src/api
	$(BINARY)
	for kind in $(KINDS); do $(PALISADE) crd $$kind > crds/$$kind.palisade.dev.yaml.new \
	  && mv crds/$$kind.palisade.dev.yaml.new crds/$$kind.palisade.dev.yaml || exit 1; done

chart: ## What follows from the charts (deploy/base and others, their READMEs), and the charts as archives
	@deploy/chart/generate
	@"$$(tests/env/helm/build)/helm" package --destination '$(PALISADE_CACHE)/charts' deploy/chart/palisade deploy/chart/palisade-crds

image: ## The image for linux/amd64 and linux/arm64 as an OCI archive, and an SBOM of each; an hour the first time, on 2 cores
	@image/build

bench: ## Measure calls, time and memory, in two hours; PART=resync measures one part, bench/run --help lists them
	@bench/run $(PART)
