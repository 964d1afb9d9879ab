.PHONY: crds
crds: ## Generate crds/ from src/api
	cargo run --quiet -- crd > crds/protectedapis.palisade.dev.yaml.new
	mv crds/protectedapis.palisade.dev.yaml.new crds/protectedapis.palisade.dev.yaml
