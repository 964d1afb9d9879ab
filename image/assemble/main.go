// Assembles the controller's image: for each platform a layer with what the binary needs and nothing else, and one with the binary,
// as an OCI archive. What is in no way random stays so: files sorted, owned by root, as old as the commit.
//
// User, environment, ports and entrypoint are read from the Dockerfile's last stage, so that both ways make the same image.
package main

import (
	"flag"
	"fmt"
	"log"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatalf("assemble: %v", err)
	}
}

// platform is an architecture, its binary, and the folder of image/sysroot.
type platform struct{ architecture, binary, sysroot string }

func run() error {
	recipe := flag.String("recipe", "Dockerfile", "the Dockerfile whose last stage says how the image is run")
	out := flag.String("out", "", "the archive to write")
	epoch := flag.Int64("epoch", 0, "how old all is, in seconds since 1970")
	level := flag.Int("level", 9, "how hard to compress")
	most := flag.Int64("most", 0, "how many bytes an image may have, compressed; as many as it likes where 0")
	labels := map[string]string{}
	var platforms []platform
	flag.Func("label", "key=value", func(given string) error {
		key, value, found := strings.Cut(given, "=")
		if !found {
			return fmt.Errorf("%q is not key=value", given)
		}
		labels[key] = value
		return nil
	})
	flag.Func("platform", "architecture=binary=sysroot", func(given string) error {
		parts := strings.Split(given, "=")
		if len(parts) != 3 {
			return fmt.Errorf("%q is not architecture=binary=sysroot", given)
		}
		platforms = append(platforms, platform{parts[0], parts[1], parts[2]})
		return nil
	})
	flag.Parse()
	created := time.Unix(*epoch, 0).UTC()
	labels["org.opencontainers.image.created"] = created.Format(time.RFC3339)
	running, err := readRecipe(*recipe)
	if err != nil {
		return err
	}
	running.Labels = labels
	return write(*out, platforms, running, created, *level, *most)
}
