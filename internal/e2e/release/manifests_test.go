//go:build linux

package release

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// downloads checks that each address is of an archive of this release, with its sum.
func downloads(t *testing.T, pairs map[string]string, archives ...string) {
	t.Helper()
	files := tree(t, dist(t, "one"))
	for address, got := range pairs {
		name, ok := strings.CutPrefix(address, "https://github.com/gosteady/gosteady/releases/download/v"+version+"/")
		if file, there := files[name]; !ok || !there || sum([]byte(file.text)) != strings.ToLower(got) {
			t.Errorf("%s has the sum %s; it is there: %v", address, got, there)
		}
	}
	for _, name := range archives {
		if pairs["https://github.com/gosteady/gosteady/releases/download/v"+version+"/gosteady_"+version+"_"+name] == "" {
			t.Errorf("there is no address of %s", name)
		}
	}
}

// A cask: https://docs.brew.sh/Cask-Cookbook
func TestHomebrew(t *testing.T) {
	file := filepath.Join(dist(t, "one"), "gosteady.rb")
	text := string(read(t, file))
	pairs := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^ +url "(.*)"\n +sha256 "(.*)"$`).FindAllStringSubmatch(text, -1) {
		pairs[strings.ReplaceAll(m[1], "#{version}", version)] = m[2]
	}
	downloads(t, pairs, "darwin_amd64.tar.gz", "darwin_arm64.tar.gz", "linux_amd64.tar.gz", "linux_arm64.tar.gz")
	archive := archive(t, filepath.Join(dist(t, "one"), "gosteady_"+version+"_darwin_arm64.tar.gz"))
	artifacts := regexp.MustCompile(`(?m)^  (?:binary|manpage|\w+_completion) "(.*)"$`).FindAllStringSubmatch(text, -1)
	for _, m := range artifacts {
		if archive[m[1]].text == "" {
			t.Errorf("the archive has no %s", m[1])
		}
	}
	for _, stanza := range []string{`cask "gosteady" do`, `  version "` + version + `"`, `  name "gosteady"`, `  desc "`, `  homepage "https://`, "  caveats <<~EOS"} {
		if !strings.Contains(text, stanza) {
			t.Errorf("it has no %s", stanza)
		}
	}
	if len(artifacts) != 6 {
		t.Errorf("it has %d artifacts", len(artifacts))
	}
	needs(t, "ruby")
	run(t, nil, "ruby", "-c", file)
}

// A manifest of Scoop: https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests
func TestScoop(t *testing.T) {
	type arch struct {
		URL, Hash string
		Bin       []string
	}
	m := decode[struct {
		Version, Description, Homepage, License string
		Architecture                            map[string]arch
	}](t, read(t, filepath.Join(dist(t, "one"), "gosteady.json")))
	if m.Version != version || m.Description == "" || m.License != "BSD-3-Clause" || m.Homepage == "" || len(m.Architecture) != 2 {
		t.Errorf("%+v", m)
	}
	pairs := map[string]string{}
	for _, name := range []string{"64bit", "arm64"} {
		a := m.Architecture[name]
		pairs[a.URL] = a.Hash
		if len(a.Bin) != 1 || archive(t, filepath.Join(dist(t, "one"), filepath.Base(a.URL)))[a.Bin[0]].text == "" {
			t.Errorf("%s: %v", name, a.Bin)
		}
	}
	downloads(t, pairs, "windows_amd64.zip", "windows_arm64.zip")
}

// Manifests of winget: https://github.com/microsoft/winget-pkgs/tree/master/doc/manifest.
// These are the fields that their schemas require, and the types that go with them.
func TestWinget(t *testing.T) {
	load := func(name string, required ...string) map[string]any {
		var m map[string]any
		if err := yaml.Unmarshal(read(t, filepath.Join(dist(t, "one"), "gosteady.gosteady"+name+".yaml")), &m); err != nil {
			t.Fatal(err)
		}
		for _, key := range append(required, "PackageIdentifier", "PackageVersion", "ManifestType", "ManifestVersion") {
			if m[key] == nil || m[key] == "" {
				t.Errorf("%s: there is no %s", name, key)
			}
		}
		if m["PackageIdentifier"] != "gosteady.gosteady" || m["PackageVersion"] != version {
			t.Errorf("%s: %v %v", name, m["PackageIdentifier"], m["PackageVersion"])
		}
		return m
	}
	if m := load("", "DefaultLocale"); m["ManifestType"] != "version" {
		t.Errorf("%v", m)
	}
	locale := load(".locale.en-US", "PackageLocale", "Publisher", "PackageName", "License", "ShortDescription")
	if text := locale["ShortDescription"].(string); locale["ManifestType"] != "defaultLocale" || len(text) > 256 {
		t.Errorf("%v", locale)
	}
	installer := load(".installer", "Installers")
	if installer["InstallerType"] != "zip" || installer["ReleaseDate"] != "2026-01-01" { // the day of .ci/release's commit
		t.Errorf("%v", installer)
	}
	pairs := map[string]string{}
	for _, one := range installer["Installers"].([]any) {
		i, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		m := decode[struct {
			Architecture, InstallerURL, InstallerSHA256, NestedInstallerType string
			NestedInstallerFiles                                             []struct{ RelativeFilePath, PortableCommandAlias string }
		}](t, i)
		pairs[m.InstallerURL] = m.InstallerSHA256
		if nested := m.NestedInstallerFiles; m.NestedInstallerType != "portable" || len(nested) != 1 || nested[0].PortableCommandAlias != "gosteady" ||
			archive(t, filepath.Join(dist(t, "one"), filepath.Base(m.InstallerURL)))[nested[0].RelativeFilePath].text == "" {
			t.Errorf("%+v", m)
		}
	}
	downloads(t, pairs, "windows_amd64.zip", "windows_arm64.zip")
}
