package main

import (
	"reflect"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestProgramArgumentsAreThoseOfTheRunner(t *testing.T) {
	h := &host{engine: "127.0.0.1:1"}
	request := &pulumirpc.RunRequest{
		Project: "shop", Stack: "dev", MonitorAddress: "127.0.0.1:2", Parallel: 16, DryRun: true, Args: []string{"more"},
		Info: &pulumirpc.ProgramInfo{RootDirectory: "/p", ProgramDirectory: "/p/infra", EntryPoint: "index.ts"},
	}
	got := h.programArguments("/run", options{nodeArgs: []string{"--import", "tsx"}}, request)
	want := []string{
		"--import", "tsx", "/run", "--monitor", "127.0.0.1:2", "--engine", "127.0.0.1:1", "--project", "shop", "--stack", "dev",
		"--pwd", "/p/infra", "--root-directory", "/p", "--parallel", "16", "--dry-run", "index.ts", "more",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestConfigurationTravelsInTheEnvironment(t *testing.T) {
	got, err := programEnvironment(&pulumirpc.RunRequest{
		Config: map[string]string{"shop:size": "3"}, ConfigSecretKeys: []string{"shop:key"},
	})
	want := []string{`PULUMI_CONFIG={"shop:size":"3"}`, `PULUMI_CONFIG_SECRET_KEYS=["shop:key"]`}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q %v", got, err)
	}
	if got, _ := programEnvironment(&pulumirpc.RunRequest{}); !reflect.DeepEqual(got, []string{"PULUMI_CONFIG={}", "PULUMI_CONFIG_SECRET_KEYS=[]"}) {
		t.Errorf("without configuration: %q", got)
	}
}

func TestTheEngineIsTheFirstArgumentThatIsNoFlag(t *testing.T) {
	if got := engineAddress([]string{"--logflow", "-v=3", "127.0.0.1:9"}); got != "127.0.0.1:9" {
		t.Error(got)
	}
}
