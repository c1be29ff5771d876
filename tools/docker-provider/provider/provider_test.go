package provider

import (
	"testing"

	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

func TestEveryResourceHasTheTokenOfTheNpmPackage(t *testing.T) {
	want := map[string]string{
		"docker_config":    "docker:index/serviceConfig:ServiceConfig",
		"docker_container": "docker:index/container:Container",
		"docker_image":     "docker:index/remoteImage:RemoteImage",
		"docker_service":   "docker:index/service:Service",
	}
	got := Info().Resources
	for name, token := range want {
		if got[name].Tok.String() != token {
			t.Errorf("%s: %s, want %s", name, got[name].Tok, token)
		}
	}
}

func TestTheRegistryCanBeAsked(t *testing.T) {
	const token = "docker:index/getRegistryImage:getRegistryImage"
	if got := Info().DataSources["docker_registry_image"].Tok.String(); got != token {
		t.Errorf("%s, want %s", got, token)
	}
}

func TestEveryTerraformResourceIsMappedOrLeftOutOnPurpose(t *testing.T) {
	info := Info()
	left := map[string]bool{}
	for _, name := range unmapped {
		left[name] = true
	}
	info.P.ResourcesMap().Range(func(name string, _ shim.Resource) bool {
		if info.Resources[name] == nil && !left[name] {
			t.Errorf("%s is neither mapped nor left out", name)
		}
		return true
	})
}
