package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Text takes a value as it is written: off, 1 and "1" are texts too.
func (d *Document) Text(to *string) Set {
	return d.scalar("a text", func(_ string, n *Node) { *to = n.Value })
}

// Texts takes a list of texts.
func (d *Document) Texts(to *[]string) Set {
	return d.Items(d.scalar("a text", func(_ string, n *Node) { *to = append(*to, n.Value) }))
}

// Word takes one of the given texts.
func Word[T ~string](d *Document, to *T, words ...T) Set {
	return d.scalar("a text", func(key string, n *Node) {
		if slices.Contains(words, T(n.Value)) {
			*to = T(n.Value)
			return
		}
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		hint := ""
		if near := nearest(n.Value, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.Say(n, key, fmt.Sprintf("%q is none of %s", n.Value, strings.Join(names, ", ")), hint)
	})
}

// Flag takes true or false.
func (d *Document) Flag(to *bool) Set {
	return d.scalar("true or false", func(key string, n *Node) {
		switch n.Value {
		case "true":
			*to = true
		case "false":
			*to = false
		default:
			d.Say(n, key, fmt.Sprintf("%q is not true or false", n.Value), "")
		}
	})
}

// Number takes a number.
func (d *Document) Number(to *float64) Set {
	return d.scalar("a number", func(key string, n *Node) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			d.Say(n, key, fmt.Sprintf("%q is not a number", n.Value), "")
			return
		}
		*to = v
	})
}

// Whole takes a whole number from low to high.
func Whole[T ~int | ~int64 | ~uint64 | ~uint8](d *Document, to *T, low, high int64) Set {
	return d.scalar("a whole number", func(key string, n *Node) {
		v, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || v < low || v > high {
			d.Say(n, key, fmt.Sprintf("%q is not a whole number from %d to %d", n.Value, low, high), "")
			return
		}
		*to = T(v)
	})
}

// longest is a time that nobody means.
const longest = 100 * 365 * 24 * time.Hour

// Duration takes a time such as 500ms, of at least low.
func (d *Document) Duration(to *time.Duration, low time.Duration) Set {
	return d.scalar("a time", func(key string, n *Node) {
		v, err := time.ParseDuration(n.Value)
		if err != nil || v < low || v > longest {
			d.Say(n, key, fmt.Sprintf("%q is not a time of at least %v", n.Value, low), "such as 500ms, 2s, 1m30s")
			return
		}
		*to = v
	})
}

// DurationOrOff takes a time of at least low; off is 0.
func (d *Document) DurationOrOff(to *time.Duration, low time.Duration) Set {
	duration := d.Duration(to, low)
	return func(key string, n *Node) {
		if n.Kind == yaml.ScalarNode && n.Value == "off" {
			*to = 0
			return
		}
		duration(key, n)
	}
}

func (d *Document) scalar(what string, take Set) Set {
	return func(key string, n *Node) {
		if d.kind(key, n, yaml.ScalarNode, what) {
			take(key, n)
		}
	}
}
