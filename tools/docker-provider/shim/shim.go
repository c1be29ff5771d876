// Package shim opens the one door to the Terraform provider for Docker: its package is internal, and only a module whose
// path lies below its own may import that. This one is named so; go.mod replaces the name by this folder.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the Terraform provider.
func NewProvider() *schema.Provider { return provider.New("dev")() }
