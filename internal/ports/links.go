package ports

import (
	"os"
	"path/filepath"
	"slices"
)

// linkFolders hold other names of ports; in /dev itself it is Raspberry Pi OS's
// serial0 and what one's own udev rules make.
var linkFolders = []string{"dev/serial/by-id", "dev/serial/by-path", "dev"}

// addLinks gives each port its other names.
func (m Machine) addLinks(ports []Port) {
	for _, folder := range linkFolders {
		entries, _ := os.ReadDir(m.path(folder))
		for _, entry := range entries {
			if entry.Type()&os.ModeSymlink == 0 {
				continue
			}
			link := m.path(folder, entry.Name())
			to, err := os.Readlink(link)
			if err != nil {
				continue
			}
			if !filepath.IsAbs(to) {
				to = filepath.Join(filepath.Dir(link), to)
			}
			for i := range ports {
				if p := &ports[i]; p.Path != "" && p.Path == to && !slices.Contains(p.Links, link) {
					p.Links = append(p.Links, link)
				}
			}
		}
	}
}
