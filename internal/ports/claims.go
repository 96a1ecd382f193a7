package ports

import (
	"path/filepath"
	"slices"
)

// claims are port: values that are compared with many ports. Each path is resolved once.
type claims struct {
	usb   []func(Port) bool
	paths map[string]bool // as written, and with all links resolved
	links links
}

func claimsOf(values []string, l links) claims {
	c := claims{paths: map[string]bool{}, links: l}
	for _, value := range values {
		if isUSB(value) {
			c.usb = append(c.usb, matcher(value))
		} else {
			c.addPath(value)
		}
	}
	return c
}

// addPath adds a path. One that does not exist counts as it is written.
func (c claims) addPath(path string) {
	if path == "" {
		return
	}
	c.paths[path] = true
	if real := c.links.resolve(path); real != "" {
		c.paths[real] = true
	}
}

// has reports whether one of the values means this port, as Port.meantBy does.
func (c claims) has(p Port) bool {
	if slices.ContainsFunc(c.usb, func(means func(Port) bool) bool { return means(p) }) {
		return true
	}
	if len(c.paths) == 0 || p.Path == "" {
		return false
	}
	return c.paths[p.Path] || slices.ContainsFunc(p.Links, func(link string) bool { return c.paths[link] }) || c.paths[c.links.resolve(p.Path)]
}

// links are paths that were resolved already, for one question.
type links map[string]string

// resolve returns a path with all links resolved; "" if there is no such file.
func (l links) resolve(path string) string {
	real, known := l[path]
	if !known {
		real, _ = filepath.EvalSymlinks(path)
		l[path] = real
	}
	return real
}
