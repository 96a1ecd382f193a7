package serialbridge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// Each error has its state, its hint, and whether a retry can help.
func TestClassify_NamesStateAndHint(t *testing.T) {
	tests := []struct {
		err   error
		state string
		hint  string
		fatal bool
	}{
		{fmt.Errorf("%w: 5 is not", errBaud), "baud rate refused", "Serial.begin", true},
		{syscall.ENOENT, "missing", "plug the board in", false},
		{&fs.PathError{Op: "lstat", Path: "/dev/ttyACM0", Err: syscall.ENOENT}, "missing", "plug", false},
		{syscall.EACCES, "not permitted", "group dialout", false},
		{fs.ErrPermission, "not permitted", "group dialout", false},
		{fmt.Errorf("%w by tio", ErrInUse), "held by another program", "one reader", false},
		{errCrowded, "over the limit of open files", "gateways", false},
		{syscall.EMFILE, "over the limit of open files", "LimitNOFILE", false},
		{errNotSerial, "not usable as a serial port", "must name a serial port", false},
		{syscall.EISDIR, "not usable as a serial port", "must name a serial port", false},
		{errStuck, "abandoned", "reset the board", false},
		{fmt.Errorf("%w: %w", errUnplugged, syscall.EIO), "lost", "", false},
		{io.ErrUnexpectedEOF, "failed", "", false},
	}
	for _, test := range tests {
		v := classify(test.err)
		if v.state != test.state || v.fatal != test.fatal || !strings.Contains(v.hint, test.hint) {
			t.Errorf("%v: %+v, want state %q, fatal %v and a hint with %q", test.err, v, test.state, test.fatal, test.hint)
		}
	}
}

// The texts of the library tell a refused rate from other errors.
func TestRefusesBaud_ReadsTheCause(t *testing.T) {
	for text, want := range map[string]bool{
		"Invalid serial port: error configuring port: invalid argument":                    true,
		"Invalid serial port: error configuring port: Port speed invalid or not supported": true,
		"Invalid serial port: error configuring port: input/output error":                  false, // unplugged during the open
		"Invalid serial port: error getting term settings: inappropriate ioctl for device": false,
		"Invalid serial port: error setting term settings: invalid argument":               false,
	} {
		if got := refusesBaud(errors.New(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
