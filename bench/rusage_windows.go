package main

import "os"

// maxRSS is not to be had from a finished process here.
func maxRSS(*os.ProcessState) int64 { return 0 }
