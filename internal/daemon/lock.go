package daemon

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockState keeps a second gateway out of the folder: both would give the same numbers
// to lines and write into the same files. The lock ends with the process, however it
// ends. A folder in which no file can be made needs no lock.
func lockState(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return func() {}, nil
	}
	if taken := lock(file); taken {
		file.Close()
		return nil, fmt.Errorf("spool.dir %s is in use by another gateway (hint: stop that one, or give each its own spool.dir)", dir)
	}
	return func() { file.Close() }, nil
}
