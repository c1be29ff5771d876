package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestVolume(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "volume")
	if err := run("setup", folder); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o777 {
		t.Fatalf("the folder must be open to the pod's user: %v %v", info, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run("teardown", folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Fatal("the folder must be gone")
	}
}

func TestRefused(t *testing.T) {
	for _, folder := range []string{"", "relative", "/", "/a/.."} {
		if err := run("teardown", folder); err == nil {
			t.Errorf("%q must be refused", folder)
		}
	}
	if err := run("other", t.TempDir()); err == nil {
		t.Error("another name must be refused")
	}
}
