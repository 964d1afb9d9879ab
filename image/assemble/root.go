package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// certificates is where rustls looks on Debian, and where whoever brings a bundle of his own mounts it, unless he sets SSL_CERT_FILE.
const certificates = "etc/ssl/certs/ca-certificates.crt"

// file is what a layer holds at a path.
type file struct {
	content []byte
	mode    int64
}

// given are files that are the same for every architecture.
var given = map[string]file{
	"etc/passwd":        {[]byte("root:x:0:0:root:/:/none\nnonroot:x:65532:65532:nonroot:/:/none\n"), 0o644},
	"etc/group":         {[]byte("root:x:0:\nnonroot:x:65532:\n"), 0o644},
	"etc/nsswitch.conf": {[]byte("hosts: files dns\n"), 0o644},
}

// machines are the ELF machines of the architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// root is what the binary needs besides itself: the loader and the libraries that it and they name, the CA certificates, the names of
// users, and what scanners read: the distribution, the packages, and their licences.
func root(from platform) (map[string]file, error) {
	files := map[string]file{}
	for path, content := range given {
		files[path] = content
	}
	sysroot := filepath.Join(from.sysroot, "root")
	if err := addLibraries(files, from, sysroot); err != nil {
		return nil, err
	}
	bundle, err := bundle(filepath.Join(sysroot, "usr/share/ca-certificates/mozilla"))
	if err != nil {
		return nil, err
	}
	files[certificates] = file{bundle, 0o644}
	release, err := os.ReadFile(filepath.Join(sysroot, "usr/lib/os-release"))
	if err != nil {
		return nil, err
	}
	files["etc/os-release"] = file{release, 0o644}
	for _, name := range []string{"libc6", "libgcc-s1", "ca-certificates", "base-files"} {
		described, err := os.ReadFile(filepath.Join(from.sysroot, "packages", name))
		if err != nil {
			return nil, err
		}
		files["var/lib/dpkg/status.d/"+name] = file{described, 0o644}
		licence := "usr/share/doc/" + name + "/copyright"
		// libgcc's is a link to a package's that is not there.
		if text, err := os.ReadFile(filepath.Join(sysroot, licence)); err == nil {
			files[licence] = file{text, 0o644}
		}
	}
	return files, nil
}

func addLibraries(files map[string]file, from platform, sysroot string) error {
	left := []string{}
	look := func(path string) error {
		binary, err := elf.Open(path)
		if err != nil {
			return err
		}
		defer binary.Close()
		if binary.Machine != machines[from.architecture] {
			return fmt.Errorf("%s is for %s, not for %s", path, binary.Machine, from.architecture)
		}
		needed, err := binary.ImportedLibraries()
		left = append(left, needed...)
		return err
	}
	if err := look(from.binary); err != nil {
		return err
	}
	loader, err := interpreter(from.binary)
	if err != nil {
		return err
	}
	add := func(path string) error {
		at, err := followed(sysroot, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(at)
		files[path] = file{content, 0o755}
		return err
	}
	if err := add(loader); err != nil {
		return err
	}
	for seen := map[string]bool{filepath.Base(loader): true}; len(left) > 0; left = left[1:] {
		if seen[left[0]] {
			continue
		}
		seen[left[0]] = true
		found, err := filepath.Glob(filepath.Join(sysroot, "lib/*-linux-gnu", left[0]))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%s needs %s, of which %s has %d", from.binary, left[0], sysroot, len(found))
		}
		path, err := filepath.Rel(sysroot, found[0])
		if err != nil {
			return err
		}
		if err := add(path); err != nil {
			return err
		}
		if err := look(found[0]); err != nil {
			return err
		}
	}
	return nil
}

// followed is where a path of the sysroot is: a link to an absolute path means the sysroot's, not this machine's.
func followed(sysroot, path string) (string, error) {
	at := filepath.Join(sysroot, path)
	target, err := os.Readlink(at)
	switch {
	case err != nil:
		_, err = os.Stat(at)
		return at, err
	case filepath.IsAbs(target):
		return followed(sysroot, target)
	default:
		return followed(sysroot, filepath.Join(filepath.Dir(path), target))
	}
}

// interpreter is the path of the loader that the binary names, without its first slash.
func interpreter(path string) (string, error) {
	binary, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer binary.Close()
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			name := make([]byte, part.Filesz)
			_, err := part.ReadAt(name, 0)
			return strings.Trim(string(name), "/\x00"), err
		}
	}
	return "", fmt.Errorf("%s names no loader", path)
}

// bundle is what Debian's update-ca-certificates makes of the certificates in a folder.
func bundle(folder string) ([]byte, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.crt"))
	if err != nil {
		return nil, err
	}
	if len(paths) < 50 {
		return nil, fmt.Errorf("%s has %d certificates", folder, len(paths))
	}
	sort.Strings(paths)
	var all []byte
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}
