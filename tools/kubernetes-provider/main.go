// The Pulumi plugin pulumi-resource-kubernetes: the module's provider, with the files that the module's own main package
// makes at its build.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// Written from the module's folder before this program is built.
var (
	//go:embed schema.json
	schema []byte
	//go:embed terraform-mapping.json
	mapping []byte
)

func main() { provider.Serve("kubernetes", version.Version, schema, mapping) }
