package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// helperEnv makes the test binary a program of the tests: the real go of a gosteady
// that is tried, or what that starts.
const helperEnv = "GOSTEADY_TEST_HELPER"

// ofSystem are words of one system.
var ofSystem = map[string]func(about string){}

// helper does what the variable says, a word and what it is about, and ends.
func helper(does string) {
	word, about, _ := strings.Cut(does, " ")
	switch word {
	case "exit": // with this status
		code, err := strconv.ParseInt(about, 0, 64)
		if err != nil {
			panic(err)
		}
		os.Exit(int(code))
	case "args": // as JSON
		json.NewEncoder(os.Stdout).Encode(os.Args[1:])
	case "stay": // until the file is there
		for !isThere(about) {
			time.Sleep(20 * time.Millisecond)
		}
	case "leave", "keep": // start one that stays, with our streams; end, or stay too
		self, err := os.Executable()
		if err != nil {
			panic(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), helperEnv+"=stay "+about+".go")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		pids := fmt.Sprintf("%d %d\n", os.Getpid(), cmd.Process.Pid)
		if err := os.WriteFile(about+".tmp", []byte(pids), 0o666); err != nil {
			panic(err)
		}
		if err := os.Rename(about+".tmp", about+".pids"); err != nil {
			panic(err)
		}
		if word == "keep" {
			helper("stay " + about + ".go")
		}
	default:
		if does := ofSystem[word]; does != nil {
			does(about)
		}
	}
	os.Exit(0)
}

func isThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
