// Writes the provider's schema: `schema schema --out cmd/provider --skip-docs`.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"

	"shop/tools/docker-provider/provider"
)

func main() { tfgen.Main(provider.Name, provider.Version, provider.Info()) }
