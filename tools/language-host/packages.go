package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is the part of a package.json that says which Pulumi plugin a package needs.
type manifest struct {
	Name            string            `json:"name"`
	Version         string            `json:"version"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Pulumi          struct {
		Resource         bool              `json:"resource"`
		Name             string            `json:"name"`
		Version          string            `json:"version"`
		Server           string            `json:"server"`
		Parameterization *parameterization `json:"parameterization"`
	} `json:"pulumi"`
}

type parameterization struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Value   []byte `json:"value"`
}

func readManifest(folder string) (*manifest, error) {
	file := filepath.Join(folder, "package.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var read manifest
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &read, nil
}

// findUp returns the nearest folder at or above `from` that holds `name`, as Node looks for packages.
func findUp(from, name string) (string, bool) {
	for folder := from; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return folder, true
		}
		if folder == filepath.Dir(folder) {
			return "", false
		}
	}
}

// dependencies returns the manifests of the packages that the program's package.json names and that are installed.
func dependencies(program string) ([]*manifest, error) {
	folder, found := findUp(program, "package.json")
	if !found {
		return nil, nil
	}
	root, err := readManifest(folder)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, list := range []map[string]string{root.Dependencies, root.DevDependencies} {
		for name := range list {
			names[name] = true
		}
	}
	var installed []*manifest
	for name := range names {
		place := filepath.Join("node_modules", filepath.FromSlash(name))
		at, found := findUp(folder, place)
		if !found {
			continue
		}
		dependency, err := readManifest(filepath.Join(at, place))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		installed = append(installed, dependency)
	}
	sort.Slice(installed, func(i, j int) bool { return installed[i].Name < installed[j].Name })
	return installed, nil
}

// requiredPackages returns the resource plugins of the program's dependencies.
func requiredPackages(program string) ([]*pulumirpc.PackageDependency, error) {
	installed, err := dependencies(program)
	if err != nil {
		return nil, err
	}
	var required []*pulumirpc.PackageDependency
	for _, dependency := range installed {
		if dependency.Pulumi.Resource {
			required = append(required, dependency.plugin())
		}
	}
	return required, nil
}

func (m *manifest) plugin() *pulumirpc.PackageDependency {
	name := m.Pulumi.Name
	if name == "" {
		name = strings.TrimPrefix(m.Name, "@pulumi/")
	}
	version := m.Pulumi.Version
	if version == "" {
		version = m.Version
	}
	plugin := &pulumirpc.PackageDependency{
		Name:    name,
		Kind:    "resource",
		Version: "v" + strings.TrimPrefix(version, "v"),
		Server:  m.Pulumi.Server,
	}
	if p := m.Pulumi.Parameterization; p != nil {
		plugin.Parameterization = &pulumirpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
	}
	return plugin
}
