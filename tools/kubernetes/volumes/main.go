// What the storage provisioner runs on a node: as "setup" it makes a volume's folder, as "teardown" it removes it.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(filepath.Base(os.Args[0]), os.Getenv("VOL_DIR")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(action, folder string) error {
	if !filepath.IsAbs(folder) || filepath.Clean(folder) == "/" {
		return fmt.Errorf("VOL_DIR must be the folder of a volume, not %q", folder)
	}
	switch action {
	case "setup":
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		// The umask took the rights of others away; who may write is decided by the pod's fsGroup.
		return os.Chmod(folder, 0o777)
	case "teardown":
		return os.RemoveAll(folder)
	}
	return errors.New("call it as setup or as teardown")
}
