// Medium is what the benchmarks download and build for: its go.mod names 159
// modules, of which this program needs some thirty.
package main

import (
	_ "github.com/armon/go-radix"
	_ "github.com/bep/debounce"
	_ "github.com/bep/tmc"
	_ "github.com/cespare/xxhash/v2"
	_ "github.com/disintegration/gift"
	_ "github.com/dustin/go-humanize"
	_ "github.com/fatih/color"
	_ "github.com/fsnotify/fsnotify"
	_ "github.com/go-logr/stdr"
	_ "github.com/gobuffalo/flect"
	_ "github.com/gobwas/glob"
	_ "github.com/golang-jwt/jwt/v5"
	_ "github.com/google/uuid"
	_ "github.com/gorilla/websocket"
	_ "github.com/hashicorp/golang-lru/v2"
	_ "github.com/mattn/go-runewidth"
	_ "github.com/mitchellh/mapstructure"
	_ "github.com/mohae/deepcopy"
	_ "github.com/niklasfasching/go-org/org"
	_ "github.com/olekukonko/tablewriter"
	_ "github.com/pelletier/go-toml/v2"
	_ "github.com/pkg/errors"
	_ "github.com/russross/blackfriday/v2"
	_ "github.com/spf13/afero"
	_ "github.com/spf13/cast"
	_ "github.com/spf13/cobra"
	_ "github.com/yuin/goldmark"
	_ "golang.org/x/sync/errgroup"
	_ "gopkg.in/yaml.v3"
	_ "howett.net/plist"
	_ "rsc.io/qr"
)

func main() {}
