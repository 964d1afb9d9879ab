package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// write makes an index of an image for each platform, says its digest and sizes, and writes it as an archive.
func write(out string, platforms []platform, running v1.Config, created time.Time, level int, most int64) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, from := range platforms {
		made, err := image(from, running, created, level)
		if err != nil {
			return err
		}
		on := &v1.Platform{OS: "linux", Architecture: from.architecture}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: made, Descriptor: v1.Descriptor{Platform: on}})
		if err := say(from, made, most); err != nil {
			return err
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s  index  %s\n", digest, out)
	folder, err := os.MkdirTemp(filepath.Dir(out), ".layout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	at, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	// Named as its version, so that it can be copied by name.
	named := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": running.Labels["org.opencontainers.image.version"]})
	if err := at.AppendIndex(index, named); err != nil {
		return err
	}
	return archive(folder, out, created)
}

func say(from platform, made v1.Image, most int64) error {
	digest, err := made.Digest()
	if err != nil {
		return err
	}
	layers, err := made.Layers()
	if err != nil {
		return err
	}
	var sum int64
	for _, layer := range layers {
		size, err := layer.Size()
		if err != nil {
			return err
		}
		sum += size
	}
	if most > 0 && sum > most {
		return fmt.Errorf("the image for %s has %.1f MB compressed; at most are %.1f", from.architecture, float64(sum)/1e6, float64(most)/1e6)
	}
	fmt.Printf("%s  linux/%s  %.1f MB compressed\n", digest, from.architecture, float64(sum)/1e6)
	return nil
}

func image(from platform, running v1.Config, created time.Time, level int) (v1.Image, error) {
	below, err := root(from)
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(from.binary)
	if err != nil {
		return nil, err
	}
	above := map[string]file{running.Entrypoint[0][1:]: {binary, 0o755}}
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, part := range []struct {
		files map[string]file
		by    string
	}{{below, "image/assemble: what the binary needs"}, {above, "image/assemble: the binary"}} {
		content, err := packed(part.files, created)
		if err != nil {
			return nil, err
		}
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
		layer, err := tarball.LayerFromOpener(open, tarball.WithCompressionLevel(level), tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return nil, err
		}
		history := v1.History{Created: v1.Time{Time: created}, CreatedBy: part.by}
		if made, err = mutate.Append(made, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return nil, err
		}
	}
	config, err := made.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created, config.Config = "linux", from.architecture, v1.Time{Time: created}, running
	return mutate.ConfigFile(made, config)
}

// packed is a tar of these files and the folders that they lie in.
func packed(files map[string]file, created time.Time) ([]byte, error) {
	paths := []string{}
	folders := map[string]bool{".": true}
	for name := range files {
		paths = append(paths, name)
		for folder := path.Dir(name); !folders[folder]; folder = path.Dir(folder) {
			folders[folder] = true
			paths = append(paths, folder+"/")
		}
	}
	sort.Strings(paths)
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, name := range paths {
		header := &tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755, ModTime: created, Format: tar.FormatUSTAR}
		if entry, isFile := files[name]; isFile {
			header.Typeflag, header.Mode, header.Size = tar.TypeReg, entry.mode, int64(len(entry.content))
		}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(files[name].content); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return content.Bytes(), err
}

// archive is the folder as a tar, which appears at once and whole.
func archive(folder, out string, created time.Time) error {
	files := map[string]file{}
	err := filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, at)
		files[filepath.ToSlash(name)] = file{content, 0o644}
		return err
	})
	if err != nil {
		return err
	}
	content, err := packed(files, created)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(out+".new", out)
}
