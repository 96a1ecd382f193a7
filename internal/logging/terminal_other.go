//go:build !windows

package logging

import "os"

func understandsColours(*os.File) bool { return true }
