package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gosteady/gosteady/internal/outages"
)

// runOutages plays outages, limits and failures to both commands.
func runOutages(s *setting, args []string) error {
	flags, _ := commonFlags("outages")
	only := flags.String("run", "", "only the cases whose name matches this `regexp`")
	show := flags.Bool("v", false, "print what gosteady says")
	old := flags.String("steady", "", "`program` to measure in the place of this gosteady")
	noPlain := flags.Bool("noplain", false, "without plain go")
	env := flags.String("env", "", "`variables` for gosteady only, separated by spaces: to try settings")
	flags.Parse(args)
	match, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	w, err := outages.NewWorld()
	if err != nil {
		return err
	}
	r := outageRun{setting: s, world: w, show: *show, env: *env}
	if *old != "" {
		r.steady = *old
	}
	r.table.add("case", "with", "result", "time", "requests", "while down")
	for _, c := range outages.Cases() {
		if !match.MatchString(c.Name) {
			continue
		}
		if !*noPlain {
			if err := r.row(c, "plain go", s.plain); err != nil {
				return err
			}
		}
		if err := r.row(c, "gosteady", r.steady); err != nil {
			return err
		}
	}
	r.table.print(os.Stdout)
	return nil
}

type outageRun struct {
	*setting
	world *outages.World
	table table
	show  bool
	env   string
}

// row plays a case to one program.
func (r *outageRun) row(c outages.Case, name, program string) error {
	root := r.cache()
	defer os.RemoveAll(root)
	j := job{program: program, cache: filepath.Join(root, "modcache"), env: []string{"GOSUMDB=off"}}
	if name == "gosteady" {
		j.env = append(j.env, "GOSTEADY_LOG=debug") // to see the tries that were refused
		if r.env != "" {
			j.env = append(j.env, r.env)
		}
	}
	got, err := r.world.Run(c, program, root, j.environ())
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	result := "ok"
	if got.Code != 0 {
		result = fmt.Sprintf("exit status %d", got.Code)
	}
	r.table.add(c.Name, name, result, seconds(got.Took), got.Requests, got.Down)
	fmt.Fprintf(os.Stderr, "%s, %s: %s, %s, %d requests, %d of them refused\n", c.Name, name, result, seconds(got.Took), got.Requests, got.Down)
	if r.show {
		fmt.Fprintln(os.Stderr, got.Output)
	}
	return nil
}
