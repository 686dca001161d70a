//go:build tools

// Package tools pins the Temporal CLI as a dependency, so that go.sum covers all of its modules.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
