package relay

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// selfDial is how long we wait for ourselves.
const selfDial = time.Second

// listen opens the port and makes up the path under which go reaches us.
func (r *Relay) listen() error {
	l, err := openPort()
	if err != nil {
		return err
	}
	var secret [16]byte
	rand.Read(secret[:]) // never fails
	r.token = hex.EncodeToString(secret[:])
	r.listener, r.addr = l, l.Addr().String()
	r.base = "http://" + r.addr + "/" + r.token
	return nil
}
