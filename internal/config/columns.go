package config

import (
	"fmt"

	"arduino-gateway/internal/strictyaml"
)

// columns takes the names of bare numbers. They become names of readings, so
// that Temp and temp are one.
func (r *reader) columns(to *[]string) strictyaml.Set {
	return r.list(to, func(key string, n *strictyaml.Node) (same string, ok bool) {
		var name string
		if !r.Apply(r.level(&name), key, n) {
			return "", false
		}
		same = readingName(name)
		if same == "" {
			r.Reject(n, key, strictyaml.Quote(name)+" is no name of a reading", "letters, digits and _")
		}
		return same, same != ""
	})
}

// list takes one or more texts, none of them twice. check tells what is wrong
// with one, and gives what is equal for texts that count as the same.
func (r *reader) list(to *[]string, check func(key string, n *strictyaml.Node) (same string, ok bool)) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		first := map[string]*strictyaml.Node{}
		items := r.Items(func(key string, n *strictyaml.Node) {
			same, ok := check(key, n)
			if !ok {
				return
			}
			if other := first[same]; other != nil {
				what := fmt.Sprintf("%s is the same as %s in line %d", strictyaml.Quote(n.Value), strictyaml.Quote(other.Value), other.Line)
				r.Reject(n, key, what, "remove one")
				return
			}
			first[same] = n
			*to = append(*to, n.Value)
		})
		if r.Apply(items, key, n) && len(*to) == 0 {
			r.Reject(n, key, "an empty list", "name one at least")
		}
	}
}
