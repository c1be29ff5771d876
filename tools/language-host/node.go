package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// findRunner asks Node itself where a module of the SDK is, so that links and workspaces work as in the program.
func findRunner(ctx context.Context, folder, module string) (string, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", errors.New("node is not on PATH; install Node.js")
	}
	// The usual place needs no Node process (50 ms of every preview).
	if at, found := findUp(folder, filepath.Join("node_modules", filepath.FromSlash(module), "index.js")); found {
		return filepath.EvalSymlinks(filepath.Join(at, "node_modules", filepath.FromSlash(module)))
	}
	node := exec.CommandContext(ctx, "node", "-p", "require.resolve(process.argv[1])", module)
	node.Dir = folder
	out, err := node.Output()
	if err != nil {
		return "", fmt.Errorf("the Pulumi SDK for Node.js (@pulumi/pulumi) is not installed for %s; run `npm ci`", folder)
	}
	return strings.TrimSpace(string(out)), nil
}

// exitCode tells a program that ended from one that could not be started.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	default:
		return 0, err
	}
}

// sender makes a stream of messages a writer. os/exec writes from one goroutine per stream, and gRPC allows one sender at
// a time: the lock is shared by all.
func sender(send func([]byte) error) writerFunc {
	return func(b []byte) (int, error) {
		sending <- struct{}{}
		defer func() { <-sending }()
		// gRPC may keep the slice until the message has left; the caller reuses it at once.
		return len(b), send(append([]byte(nil), b...))
	}
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

var sending = make(chan struct{}, 1)
