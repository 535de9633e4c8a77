package serve

import "net"

func inherited(func(string) string) (net.Listener, error) { return nil, nil }

func notifyManager(func(string) string, string) {}
