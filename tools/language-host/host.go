package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The SDK's runner ends with this code when it has already shown the error to the user.
const alreadyReported = 32

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string

	running sync.Mutex
	cancels []context.CancelFunc
}

func (h *host) Handshake(_ context.Context, r *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = r.EngineAddress
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

func (h *host) GetRequiredPackages(_ context.Context, r *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := requiredPackages(r.Info.ProgramDirectory)
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, err
}

func (h *host) GetProgramDependencies(_ context.Context, r *pulumirpc.GetProgramDependenciesRequest) (*pulumirpc.GetProgramDependenciesResponse, error) {
	installed, err := dependencies(r.Info.ProgramDirectory)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, dependency := range installed {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{Name: dependency.Name, Version: dependency.Version})
	}
	return response, nil
}

func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("node is not on PATH")
	}
	version, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("node --version: %w", err)
	}
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimPrefix(strings.TrimSpace(string(version)), "v")}, nil
}

// The project's package manager is npm, so there is nothing to ask.
func (h *host) RuntimeOptionsPrompts(context.Context, *pulumirpc.RuntimeOptionsRequest) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

// Cancel is how the engine asks every plugin to stop what it is doing.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.running.Lock()
	defer h.running.Unlock()
	for _, cancel := range h.cancels {
		cancel()
	}
	return &emptypb.Empty{}, nil
}

func (h *host) cancellable(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	h.running.Lock()
	defer h.running.Unlock()
	h.cancels = append(h.cancels, cancel)
	return ctx, cancel
}

func (h *host) InstallDependencies(r *pulumirpc.InstallDependenciesRequest, stream grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse]) error {
	folder, found := findUp(r.Info.ProgramDirectory, "package.json")
	if !found {
		return fmt.Errorf("there is no package.json at or above %s", r.Info.ProgramDirectory)
	}
	command := "install"
	if _, err := os.Stat(filepath.Join(folder, "package-lock.json")); err == nil {
		command = "ci"
	}
	npm := exec.CommandContext(stream.Context(), "npm", command)
	npm.Dir = folder
	npm.Stdout = sender(func(b []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: b}) })
	npm.Stderr = sender(func(b []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: b}) })
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm %s in %s: %w", command, folder, err)
	}
	return nil
}

func (h *host) Run(ctx context.Context, r *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, cancel := h.cancellable(ctx)
	defer cancel()
	options, err := parseOptions(r.Info.Options)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	runner, err := findRunner(ctx, r.Info.ProgramDirectory, "@pulumi/pulumi/cmd/run")
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	environment, err := programEnvironment(r)
	if err != nil {
		return nil, err
	}
	node := exec.CommandContext(ctx, "node", h.programArguments(runner, options, r)...)
	node.Dir = r.Info.ProgramDirectory
	node.Env = append(append(os.Environ(), environment...), options.environment()...)
	// The engine reads our own output streams and shows their lines as the program's.
	node.Stdout, node.Stderr = os.Stdout, os.Stderr
	code, err := exitCode(node.Run())
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot start node: %w", err)
	case code == 0:
		return &pulumirpc.RunResponse{}, nil
	case code == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", code)}, nil
	}
}

func (h *host) programArguments(runner string, options options, r *pulumirpc.RunRequest) []string {
	args := append([]string{}, options.nodeArgs...)
	if r.AttachDebugger {
		args = append(args, "--inspect-brk")
	}
	args = append(args, runner)
	flag := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	flag("monitor", r.MonitorAddress)
	flag("engine", h.engine)
	flag("organization", r.Organization)
	flag("project", r.Project)
	flag("stack", r.Stack)
	flag("pwd", r.Info.ProgramDirectory)
	flag("root-directory", r.Info.RootDirectory)
	flag("parallel", strconv.Itoa(int(r.Parallel)))
	if r.DryRun {
		args = append(args, "--dry-run")
	}
	entry := r.Info.EntryPoint
	if entry == "" {
		entry = "."
	}
	return append(append(args, entry), r.Args...)
}

// programEnvironment hands the stack's configuration on. Configuration may hold secrets, and arguments are visible to
// every user of the machine: hence the environment, as the SDK expects it.
func programEnvironment(r *pulumirpc.RunRequest) ([]string, error) {
	values := r.Config
	if values == nil {
		values = map[string]string{}
	}
	secrets := r.ConfigSecretKeys
	if secrets == nil {
		secrets = []string{}
	}
	config, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

// RunPlugin runs policy packs and other plugins that are written for Node.js.
func (h *host) RunPlugin(r *pulumirpc.RunPluginRequest, stream grpc.ServerStreamingServer[pulumirpc.RunPluginResponse]) error {
	options, err := parseOptions(r.Info.Options)
	if err != nil {
		return err
	}
	module := "@pulumi/pulumi/cmd/run-plugin"
	if r.Kind == "analyzer" {
		module = "@pulumi/pulumi/cmd/run-policy-pack"
	}
	runner, err := findRunner(stream.Context(), r.Info.ProgramDirectory, module)
	if err != nil {
		return err
	}
	args := append(append([]string{}, options.nodeArgs...), runner)
	args = append(append(args, r.Args...), r.Info.ProgramDirectory)
	node := exec.CommandContext(stream.Context(), "node", args...)
	node.Dir = r.Info.ProgramDirectory
	node.Env = append(append([]string{}, r.Env...), options.environment()...)
	node.Stdout = sender(func(b []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: b}})
	})
	node.Stderr = sender(func(b []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: b}})
	})
	code, err := exitCode(node.Run())
	if err != nil {
		return fmt.Errorf("cannot start node: %w", err)
	}
	return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}})
}
