//go:build !unix

package doctor

import "io/fs"

// ownerOf returns "": file owners are not known here.
func ownerOf(fs.FileInfo) string { return "" }
