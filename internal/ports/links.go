package ports

import (
	"os"
	"path/filepath"
	"slices"
)

// linkFolders hold other names of ports. In /dev itself these are serial0 of Raspberry
// Pi OS, and links made by the user's udev rules.
var linkFolders = []string{"dev/serial/by-id", "dev/serial/by-path", "dev"}

// addLinks fills in the Links of all ports.
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
