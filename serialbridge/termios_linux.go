//go:build !ppc64le

package serialbridge

import "golang.org/x/sys/unix"

// TCGETS knows only the usual rates, and would not restore 74880 or 250000.
const getTermios, setTermios = unix.TCGETS2, unix.TCSETS2
