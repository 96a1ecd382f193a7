package config

import (
	"fmt"
	"math"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"arduino-gateway/internal/strictyaml"
)

// longestText is the longest text that MQTT allows, in bytes.
const longestText = 65535

// document is the file, with the kinds of values that several sections use.
type document struct {
	*strictyaml.Document
	dir string // of the file
}

// path reads a file's name; a relative one starts from the configuration's folder.
func (d document) path(to *string) strictyaml.Set {
	return d.Scalar("a path", func(key string, n *strictyaml.Node) {
		switch {
		case n.Value == "":
			d.Reject(n, key, "must not be empty", "")
		case strings.ContainsRune(n.Value, 0):
			d.Reject(n, key, "must not contain a zero byte", "")
		case fromHome(n.Value):
			d.Reject(n, key, strictyaml.Quote(n.Value)+" begins with ~", homeHint)
		case filepath.IsAbs(n.Value):
			*to = n.Value
		default:
			*to = filepath.Join(d.dir, n.Value)
		}
	})
}

// listen reads an address to listen on; example is one.
func (d document) listen(to *string, example string) strictyaml.Set {
	return d.Scalar("an address", func(key string, n *strictyaml.Node) {
		host, port, err := net.SplitHostPort(n.Value)
		if err != nil || !isPort(port) || host != "" && host != "localhost" && net.ParseIP(host) == nil {
			d.Reject(n, key, strictyaml.Quote(n.Value)+" is not an address to listen on", "an IP address and a port, such as "+example)
			return
		}
		*to = n.Value
	})
}

// text reads a client ID, a user's name or a unit.
func (d document) text(to *string) strictyaml.Set {
	return d.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch {
		case len(n.Value) > longestText:
			d.Reject(n, key, fmt.Sprintf("is %d bytes long; MQTT allows %d", len(n.Value), longestText), "")
		case strings.ContainsFunc(n.Value, unicode.IsControl):
			d.Reject(n, key, "must not contain a control character", "remove it")
		default:
			*to = n.Value
		}
	})
}

// list reads one or more texts, each of them once. check rejects a wrong text, and
// returns a key that is equal for texts that count as the same.
func (d document) list(to *[]string, check func(key string, n *strictyaml.Node) (same string, ok bool)) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		first := map[string]*strictyaml.Node{}
		items := d.Items(func(key string, n *strictyaml.Node) {
			same, ok := check(key, n)
			if !ok {
				return
			}
			if other := first[same]; other != nil {
				what := fmt.Sprintf("%s is the same as %s in line %d", strictyaml.Quote(n.Value), strictyaml.Quote(other.Value), other.Line)
				d.Reject(n, key, what, "remove one")
				return
			}
			first[same] = n
			*to = append(*to, n.Value)
		})
		if d.Apply(items, key, n) && len(*to) == 0 {
			d.Reject(n, key, "the list is empty", "add at least one item")
		}
	}
}

// between reads a time within bounds.
func (d document) between(to *time.Duration, least, most time.Duration) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		if d.Apply(d.Duration(to, least), key, n) && *to > most {
			d.Reject(n, key, fmt.Sprintf("%s is more than %v", strictyaml.Quote(n.Value), most), "such as 2s")
		}
	}
}

// optional reads a value into a pointer, which stays nil if the key is missing.
func optional[T any](d document, to **T, set func(*T) strictyaml.Set) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		v := new(T)
		if d.Apply(set(v), key, n) {
			*to = v
		}
	}
}

// whole reads any whole number into a pointer.
func (d document) whole(to **int64) strictyaml.Set {
	return optional(d, to, func(v *int64) strictyaml.Set {
		return strictyaml.Whole(d.Document, v, math.MinInt64, math.MaxInt64)
	})
}

// number reads a number into a pointer.
func (d document) number(to **float64) strictyaml.Set { return optional(d, to, d.Number) }

// isPort reports whether text is a TCP port.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// loopback reports whether only this machine can reach an address.
func loopback(listen string) bool {
	host, _, _ := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isControl(c rune) bool { return unicode.IsControl(c) }
