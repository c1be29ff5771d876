// The Pulumi plugin pulumi-resource-docker.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"shop/tools/docker-provider/provider"
)

// Written by cmd/schema before this program is built.
//
//go:embed schema.json
var schema []byte

func main() { tfbridge.Main(provider.Name, provider.Version, provider.Info(), schema) }
