package main

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestWhyAFileIsUnread(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "mqtt.password", Err: os.ErrPermission}
	for want, err := range map[string]error{
		"mqtt.password_file: open mqtt.password: permission denied (hint: let this user read it, or run the command as the service's user: sudo -u gateway gateway …)": unread("mqtt.password_file", denied, "write it"),
		"mqtt.password_file: gone (hint: write it)": unread("mqtt.password_file", errors.New("gone"), "write it"),
		"mqtt.tls.ca: gone":                         unread("mqtt.tls.ca", errors.New("gone"), ""),
	} {
		if err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
