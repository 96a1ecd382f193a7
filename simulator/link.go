package simulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// placeLink makes the link lead to the port. It replaces an existing link, such
// as one of a simulation that was killed, in one step: a program that watches
// the name never sees half of it. It does not touch anything but a link.
func placeLink(link, port string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return fmt.Errorf("link %s: exists and is not a link (hint: choose another link or dir)", link)
	}
	fresh := filepath.Join(filepath.Dir(link), "."+filepath.Base(link)+".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("link %s: %w", link, err)
	}
	if err := os.Symlink(port, fresh); err != nil {
		return fmt.Errorf("link %s: %w", link, err)
	}
	if err := os.Rename(fresh, link); err != nil {
		return errors.Join(fmt.Errorf("link %s: %w", link, err), os.Remove(fresh))
	}
	return nil
}

// removeLink removes the link if it is still ours.
func removeLink(link, port string) {
	if target, err := os.Readlink(link); err == nil && target == port {
		_ = os.Remove(link)
	}
}
