// Large is what the benchmarks download for: its go.mod names 590 modules.
package main

func main() {}
