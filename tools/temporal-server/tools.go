//go:build tools

// Package tools pins the Temporal server and its schema tool as dependencies, so that go.sum covers all of their modules.
package tools

import (
	_ "go.temporal.io/server/cmd/server"
	_ "go.temporal.io/server/cmd/tools/sql"
)
