package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// readRecipe is how the image of the Dockerfile's last stage is run. Only what ours says is understood; anything else is an error.
func readRecipe(path string) (v1.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return v1.Config{}, err
	}
	var config v1.Config
	for _, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "FROM":
			config = v1.Config{}
		case "ENV":
			config.Env = append(config.Env, rest)
		case "USER":
			config.User = rest
		case "EXPOSE":
			config.ExposedPorts = map[string]struct{}{}
			for _, port := range strings.Fields(rest) {
				config.ExposedPorts[port+"/tcp"] = struct{}{}
			}
		case "ENTRYPOINT":
			if err := json.Unmarshal([]byte(rest), &config.Entrypoint); err != nil {
				return v1.Config{}, fmt.Errorf("%s: ENTRYPOINT %s: %w", path, rest, err)
			}
		case "WORKDIR":
			config.WorkingDir = rest
		case "CMD", "VOLUME", "LABEL", "SHELL", "STOPSIGNAL", "HEALTHCHECK", "ONBUILD":
			return v1.Config{}, fmt.Errorf("%s: %s is not understood by image/assemble", path, word)
		}
	}
	if config.User == "" || len(config.Entrypoint) != 1 {
		return v1.Config{}, fmt.Errorf("%s: its last stage has no USER, or not the binary alone as ENTRYPOINT", path)
	}
	config.Env = append(config.Env, "PATH=/", "SSL_CERT_FILE=/"+certificates)
	return config, nil
}
