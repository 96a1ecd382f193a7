//go:build unix

package spool

import (
	"errors"
	"os"
	"strings"
)

// syncDir makes the names in a folder durable, not only the files.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// boot is Linux's name of this uptime.
func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
