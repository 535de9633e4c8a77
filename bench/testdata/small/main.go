// Small is what the benchmarks download and build for: its go.mod names some
// thirty-five modules.
package main

import (
	_ "github.com/fatih/color"
	_ "github.com/go-chi/chi/v5"
	_ "github.com/google/uuid"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/viper"
	_ "go.uber.org/zap"
)

func main() {}
