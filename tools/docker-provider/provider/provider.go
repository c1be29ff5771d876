// Package provider maps the Terraform provider for Docker to the names of the npm package @pulumi/docker.
package provider

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// Version is that of the npm package this provider serves; set by the linker.
var Version = "0.0.0-dev"

// Name is the package's name in tokens, plugin names and configuration keys.
const Name = "docker"

const localEngine = "unix:///var/run/docker.sock"

// token gives a resource its place in @pulumi/docker: docker:index/remoteImage:RemoteImage.
func token(name string) tokens.Type {
	module := string(name[0]|0x20) + name[1:]
	return tokens.Type(Name + ":index/" + module + ":" + name)
}

// function gives a function its place: docker:index/getRegistryImage:getRegistryImage.
func function(name string) tokens.ModuleMember {
	return tokens.ModuleMember(Name + ":index/" + name + ":" + name)
}

func resources() map[string]*tfbridge.ResourceInfo {
	return map[string]*tfbridge.ResourceInfo{
		"docker_buildx_builder": {Tok: token("BuildxBuilder")},
		"docker_config":         {Tok: token("ServiceConfig")},
		"docker_container": {
			Tok: token("Container"),
			// Ports and names are the engine's own: the old container must be gone before its successor can start.
			DeleteBeforeReplace: true,
			Fields: map[string]*tfbridge.SchemaInfo{
				// Lists that Pulumi would otherwise rename to a plural that @pulumi/docker does not have.
				"command":           {Name: "command"},
				"networks_advanced": {Name: "networksAdvanced"},
			},
		},
		"docker_image":          {Tok: token("RemoteImage"), Fields: map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}}},
		"docker_network":        {Tok: token("Network")},
		"docker_registry_image": {Tok: token("RegistryImage")},
		"docker_secret":         {Tok: token("Secret")},
		"docker_service":        {Tok: token("Service")},
		"docker_tag":            {Tok: token("Tag")},
		"docker_volume":         {Tok: token("Volume")},
	}
}

func dataSources() map[string]*tfbridge.DataSourceInfo {
	return map[string]*tfbridge.DataSourceInfo{
		// Whether a registry has an image already.
		"docker_registry_image": {Tok: function("getRegistryImage")},
	}
}

// unmapped lists what the project does not use: engine plugins, and all other data sources.
var unmapped = []string{
	"docker_containers", "docker_image", "docker_logs", "docker_network", "docker_plugin",
	"docker_registry_image_manifests", "docker_registry_image_tags",
}

// Info describes the provider to the Terraform bridge.
func Info() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:              shimv2.NewProvider(shim.NewProvider()),
		Name:           Name,
		Version:        Version,
		GitHubOrg:      "kreuzwerker",
		Resources:      resources(),
		DataSources:    dataSources(),
		IgnoreMappings: unmapped,
		Config: map[string]*tfbridge.SchemaInfo{
			"host":          {Default: &tfbridge.DefaultInfo{EnvVars: []string{"DOCKER_HOST"}, ComputeDefault: defaultHost}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
	}
	info.SetAutonaming(255, "-")
	return info
}

func defaultHost(context.Context, tfbridge.ComputeDefaultOptions) (any, error) {
	return localEngine, nil
}
