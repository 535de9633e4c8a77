#!/bin/sh
# rules_go brings a go of its own. It asks a gateway, which asks the proxies of GOPROXY and
# heals what fails. Here it runs for one build; better as a service of the machine.
set -e
listen=${LISTEN:-127.0.0.1:7878}
gosteady serve --listen "$listen" &
gateway=$!
trap 'kill $gateway' EXIT
until curl -fs "http://$listen/healthz" >/dev/null; do sleep 0.1; done
env $(gosteady serve --env --listen "$listen") bazel build //...
