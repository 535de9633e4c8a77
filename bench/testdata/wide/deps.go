//go:build deps

package main

import (
	_ "github.com/golangci/golangci-lint/v2/pkg/commands"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "go.opentelemetry.io/otel/sdk/trace"
	_ "k8s.io/client-go/kubernetes"
)
