package simulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// placeLink lets the link name lead to the port. A link that is already there,
// say of a simulation that was killed, is replaced in one step: a program that
// watches the name never finds half of it. What is no link is left alone.
func placeLink(link, port string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return fmt.Errorf("link %s: something is there that is no link (hint: choose another link or dir)", link)
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
