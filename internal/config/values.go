package config

import (
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// path takes a file's name; a relative one starts from the configuration's folder.
func (r *reader) path(to *string) strictyaml.Set {
	return r.Scalar("a path", func(key string, n *strictyaml.Node) {
		switch {
		case n.Value == "":
			r.Reject(n, key, "an empty path", "")
		case strings.ContainsRune(n.Value, 0):
			r.Reject(n, key, "a path with a zero byte", "")
		case filepath.IsAbs(n.Value):
			*to = n.Value
		default:
			*to = filepath.Join(r.dir, n.Value)
		}
	})
}

// listen takes an address to listen on; example is one.
func (r *reader) listen(to *string, example string) strictyaml.Set {
	return r.Scalar("an address", func(key string, n *strictyaml.Node) {
		host, port, err := net.SplitHostPort(n.Value)
		if err != nil || !isPort(port) || host != "" && host != "localhost" && net.ParseIP(host) == nil {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is no address to listen on", "an IP address and a port, such as "+example)
			return
		}
		*to = n.Value
	})
}

func (r *reader) listenOrOff(to *string, example string) strictyaml.Set {
	listen := r.listen(to, example+", or off")
	return func(key string, n *strictyaml.Node) {
		if strictyaml.IsOff(n) {
			*to = ""
			return
		}
		listen(key, n)
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// hosts takes a list of names of this machine.
func (r *reader) hosts(to *[]string) strictyaml.Set {
	return r.Items(r.Scalar("a name", func(key string, n *strictyaml.Node) {
		if !hostName.MatchString(n.Value) {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is no host name", "such as pi.example.org, without port")
			return
		}
		*to = append(*to, n.Value)
	}))
}

// isPort tells whether text is a TCP port.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// loopback tells whether only this machine reaches an address.
func loopback(listen string) bool {
	host, _, _ := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// address takes one of this machine's IP addresses.
func (r *reader) address(to *string) strictyaml.Set {
	return r.Scalar("an IP address", func(key string, n *strictyaml.Node) {
		if net.ParseIP(n.Value) == nil {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is no IP address", "that of one of this machine's interfaces")
			return
		}
		*to = n.Value
	})
}
