//go:build !linux && !darwin && !freebsd && !openbsd

package stagedfs

// syncDir does nothing: Windows, the only such system that the gateway is built for, has
// no fsync of a folder.
func syncDir(string) error { return nil }

// folderID is not known.
func folderID(string) string { return "" }

// free is not known.
func free(string) int64 { return -1 }
