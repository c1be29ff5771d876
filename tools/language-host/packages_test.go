package main

import (
	"os"
	"path/filepath"
	"testing"
)

// project writes files (path → content) into a new folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestOnlyInstalledPackagesWithAPluginAreRequired(t *testing.T) {
	root := project(t, map[string]string{
		"package.json":   `{"dependencies": {"@pulumi/docker": "1", "zod": "1", "absent": "1"}}`,
		"infra/index.ts": "",
		"node_modules/@pulumi/docker/package.json": `{"name": "@pulumi/docker", "version": "5.2.0", "pulumi": {"resource": true}}`,
		"node_modules/zod/package.json":            `{"name": "zod", "version": "4.0.0"}`,
		"node_modules/unasked/package.json":        `{"name": "unasked", "pulumi": {"resource": true}}`,
	})
	required, err := requiredPackages(filepath.Join(root, "infra"))
	if err != nil {
		t.Fatal(err)
	}
	if len(required) != 1 || required[0].Name != "docker" || required[0].Version != "v5.2.0" || required[0].Kind != "resource" {
		t.Errorf("%v", required)
	}
}

func TestThePluginsOwnNameVersionAndServerWin(t *testing.T) {
	root := project(t, map[string]string{
		"package.json":                   `{"devDependencies": {"mine": "1"}}`,
		"node_modules/mine/package.json": `{"name": "mine", "version": "1.0.0", "pulumi": {"resource": true, "name": "other", "version": "v2.0.0", "server": "https://example.invalid"}}`,
	})
	required, err := requiredPackages(root)
	if err != nil || len(required) != 1 || required[0].Name != "other" || required[0].Version != "v2.0.0" || required[0].Server == "" {
		t.Errorf("%v %v", required, err)
	}
}

func TestABrokenManifestIsAnErrorThatNamesTheFile(t *testing.T) {
	root := project(t, map[string]string{"package.json": "{"})
	if _, err := requiredPackages(root); err == nil {
		t.Error("no error")
	}
}
