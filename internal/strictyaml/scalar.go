package strictyaml

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"arduino-gateway/internal/spelling"
)

// Scalar passes on a value that is neither a mapping nor a list; n.Value is its
// text. what completes "must be": "a path".
func (d *Document) Scalar(what string, next Set) Set {
	return func(key string, n *Node) {
		if !d.is(yaml.ScalarNode, what, key, n) {
			return
		}
		if inner, is := typographic(n); is {
			d.Reject(n, key, "the quotes of "+shorten(n.Value)+" are typographic, and YAML knows only straight ones", typographicHint(inner))
			return
		}
		d.warnOfVariables(key, n)
		next(key, n)
	}
}

// unquoted passes on a scalar without quotes.
func (d *Document) unquoted(what string, next Set) Set {
	return d.Scalar(what, func(key string, n *Node) {
		if n.Style&^yaml.FlowStyle != 0 {
			d.Reject(n, key, "must be "+what+", not a text", "remove the quotes")
			return
		}
		next(key, n)
	})
}

// Text reads a value as it is written: off, 1 and "1" are texts too.
func (d *Document) Text(to *string) Set {
	return d.Scalar("a text", func(_ string, n *Node) { *to = n.Value })
}

// Texts reads a list of texts.
func (d *Document) Texts(to *[]string) Set {
	return d.Items(d.Scalar("a text", func(_ string, n *Node) { *to = append(*to, n.Value) }))
}

// Word reads one of the given texts.
func Word[T ~string](d *Document, to *T, words ...T) Set {
	return d.Scalar("a text", func(key string, n *Node) {
		if slices.Contains(words, T(n.Value)) {
			*to = T(n.Value)
			return
		}
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		hint := ""
		if near := spelling.Nearest(n.Value, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.Reject(n, key, Quote(n.Value)+" is not one of "+strings.Join(names, ", "), hint)
	})
}

// Flag reads true or false.
func (d *Document) Flag(to *bool) Set {
	return d.unquoted("true or false", func(key string, n *Node) {
		switch n.Value {
		case "true", "True", "TRUE":
			*to = true
		case "false", "False", "FALSE":
			*to = false
		default:
			d.Reject(n, key, Quote(n.Value)+" is not true or false", "")
		}
	})
}

// Number reads a finite number.
func (d *Document) Number(to *float64) Set {
	return d.unquoted("a number", func(key string, n *Node) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			d.Reject(n, key, Quote(n.Value)+" is not a number", "")
			return
		}
		*to = v
	})
}

// Whole reads a whole number from low to high.
func Whole[T ~int | ~int64 | ~uint64 | ~uint8](d *Document, to *T, low, high int64) Set {
	what := fmt.Sprintf("a whole number from %d to %d", low, high)
	if low == math.MinInt64 && high == math.MaxInt64 {
		what = "a whole number"
	}
	return d.unquoted(what, func(key string, n *Node) {
		v, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || v < low || v > high {
			d.Reject(n, key, Quote(n.Value)+" is not "+what, "")
			return
		}
		*to = T(v)
	})
}

// longest is a time that must be a mistake.
const longest = 100 * 365 * 24 * time.Hour

// parseDuration is time.ParseDuration, with days before the rest: 2d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	days, rest, ok := strings.Cut(text, "d")
	n, err := strconv.ParseUint(days, 10, 16) // 65535 days are more than the longest time
	if !ok || err != nil {
		return time.ParseDuration(text)
	}
	v := time.Duration(0)
	if rest != "" {
		if v, err = time.ParseDuration(rest); err != nil || v < 0 {
			return 0, fmt.Errorf("%q is not a time", text)
		}
	}
	return time.Duration(n)*24*time.Hour + v, nil
}

// Duration reads a time such as 500ms or 2d, which is at least low.
func (d *Document) Duration(to *time.Duration, low time.Duration) Set {
	return d.duration(to, low, "")
}

func (d *Document) duration(to *time.Duration, low time.Duration, or string) Set {
	return d.Scalar("a time"+or, func(key string, n *Node) {
		v, err := parseDuration(n.Value)
		switch {
		case err != nil:
			example := "500ms, 2s, 1m30s" + or
			if _, err := strconv.ParseUint(n.Value, 10, 32); err == nil {
				example = n.Value + "s, " + n.Value + "m" + or
			}
			d.Reject(n, key, Quote(n.Value)+" is not a time", "such as "+example)
		case v < low:
			d.Reject(n, key, fmt.Sprintf("%s is less than %v", Quote(n.Value), low), "")
		case v > longest:
			d.Reject(n, key, Quote(n.Value)+" is more than 100 years", "")
		default:
			*to = v
		}
	})
}

// DurationOrOff reads a time of at least low; off is 0.
func (d *Document) DurationOrOff(to *time.Duration, low time.Duration) Set {
	duration := d.duration(to, low, ", or off")
	return func(key string, n *Node) {
		if IsOff(n) {
			*to = 0
			return
		}
		duration(key, n)
	}
}

// IsOff reports whether the value is the word off, with or without quotes.
func IsOff(n *Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "off" && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0
}

// Quote quotes a value for a message, and cuts a long one.
func Quote(text string) string { return strconv.Quote(shorten(text)) }

// shorten cuts a long value.
func shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
