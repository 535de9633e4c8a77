package modtest

import (
	"encoding/pem"
	"errors"
	"os"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/windows"
)

// OwnMachine reports whether tests may change what the system knows: they run under Wine, in a
// prefix of their own, or on a hosted machine, which is thrown away.
func OwnMachine() bool { return UnderWine() || os.Getenv("GITHUB_ACTIONS") != "" }

// UnderWine reports whether this Windows is Wine.
func UnderWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// CanTrust reports whether scripts can have certificates accepted.
func CanTrust() bool { return OwnMachine() }

// trustBySystem puts a CA into the system's store for the time of the script: Windows has no
// SSL_CERT_FILE.
func trustBySystem(ts *testscript.TestScript, text []byte) {
	block, _ := pem.Decode(text)
	if block == nil || !CanTrust() {
		return
	}
	name, err := windows.UTF16PtrFromString("ROOT")
	ts.Check(err)
	open := func() windows.Handle {
		const provider, where = windows.CERT_STORE_PROV_SYSTEM, windows.CERT_SYSTEM_STORE_LOCAL_MACHINE
		store, err := windows.CertOpenStore(provider, 0, 0, where, uintptr(unsafe.Pointer(name)))
		ts.Check(err)
		return store
	}
	cert, err := windows.CertCreateCertificateContext(windows.X509_ASN_ENCODING, &block.Bytes[0], uint32(len(block.Bytes)))
	ts.Check(err)
	store := open()
	err = windows.CertAddCertificateContextToStore(store, cert, windows.CERT_STORE_ADD_ALWAYS, nil)
	ts.Check(errors.Join(err, windows.CertCloseStore(store, 0))) // closed, it is written
	ts.Defer(func() {
		defer windows.CertFreeCertificateContext(cert)
		store := open()
		found, err := windows.CertFindCertificateInStore(store, windows.X509_ASN_ENCODING, 0, windows.CERT_FIND_EXISTING, unsafe.Pointer(cert), nil)
		if err == nil {
			err = windows.CertDeleteCertificateFromStore(found)
		}
		ts.Check(errors.Join(err, windows.CertCloseStore(store, 0)))
	})
}
