package mqttconn

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// datedError is an error of a certificate without the current time, with which the
// same failure would be logged again and again.
type datedError struct {
	text  string
	cause error
}

func (e *datedError) Error() string { return e.text }
func (e *datedError) Unwrap() error { return e.cause }

// timeless replaces the error of a certificate that has expired or is not valid yet,
// and returns any other error as it is:
//
//	x509: certificate has expired or is not yet valid: current time … is after …
func timeless(err error) error {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	if !ok || invalid.Reason != x509.Expired || invalid.Cert == nil {
		return err
	}
	text := "has expired: it was valid until " + invalid.Cert.NotAfter.UTC().Format(time.DateTime)
	if tooEarly(invalid) {
		text = "is not valid yet: it begins on " + invalid.Cert.NotBefore.UTC().Format(time.DateTime)
	}
	return &datedError{fmt.Sprintf("the certificate of %.64q %s UTC", invalid.Cert.Subject.CommonName, text), err}
}

func tooEarly(e x509.CertificateInvalidError) bool { return strings.Contains(e.Detail, "is before") }

// certificateHint returns what a user can do about a certificate that is not
// accepted, "" if err is another error.
func certificateHint(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "set mqtt.tls.ca to the file of the authority that signed the broker's certificate, or of a self-signed one to the certificate itself"
	}
	if host, ok := errors.AsType[x509.HostnameError](err); ok {
		return nameHint(host)
	}
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case !ok || invalid.Reason != x509.Expired:
		return ""
	case tooEarly(invalid):
		return "is this machine's clock right?"
	}
	return "renew the broker's certificate; or is this machine's clock off?"
}

// nameHint returns what to do about a certificate for other names, or only with a
// Common Name, which clients no longer accept.
func nameHint(e x509.HostnameError) string {
	alternative := "subjectAltName=DNS:" + e.Host
	if net.ParseIP(e.Host) != nil {
		alternative = "subjectAltName=IP:" + e.Host
	}
	c := e.Certificate
	if c != nil && len(c.DNSNames) > 0 {
		return fmt.Sprintf("use the name in the broker's certificate, such as %.64s, or make the certificate again with %s as well", c.DNSNames[0], alternative)
	}
	if c != nil && len(c.IPAddresses) > 0 {
		return fmt.Sprintf("use the address in the broker's certificate, such as %s, or make the certificate again with %s as well", c.IPAddresses[0], alternative)
	}
	return `the certificate has only a Common Name: make it again with a subjectAltName, such as openssl req … -addext "` + alternative + `"`
}
