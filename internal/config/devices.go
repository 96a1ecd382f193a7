package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

func (r *reader) deviceKeys(d *device.Device) map[string]strictyaml.Set {
	return map[string]strictyaml.Set{
		"port":          r.port(&d.Port),
		"baud":          r.baud(&d.Baud),
		"client_id":     r.identity(&d.ClientID),
		"format":        strictyaml.Word(r.Document, &d.Format, device.Formats...),
		"columns":       r.columns(&d.Columns),
		"pattern":       r.pattern(&d.Pattern),
		"line_ending":   strictyaml.Word(r.Document, &d.LineEnding, device.LineEndings...),
		"reset_on_open": optional(r, &d.ResetOnOpen, r.Flag),
		"dtr":           optional(r, &d.DTR, r.Flag),
		"boot_time":     optional(r, &d.BootTime, r.bootTime),
		"describe":      optional(r, &d.Describe, r.Flag),
		"expires":       r.between(&d.Expires, leastExpires, mostExpires),
		"gap":           r.between(&d.Gap, leastGap, mostGap),
		"silence":       r.DurationOrOff(&d.Silence, minSilence),
		"readings":      r.readings(d),
		"commands":      r.commands(d),
	}
}

func (r *reader) pattern(to **regexp.Regexp) strictyaml.Set {
	const example = `such as 'T=(?P<temperature>\S+)'`
	return r.Scalar("a regular expression", func(key string, n *strictyaml.Node) {
		re, err := regexp.Compile(n.Value)
		if err != nil {
			r.Reject(n, key, "not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "")
			return
		}
		if !slices.ContainsFunc(re.SubexpNames(), func(name string) bool { return readingName(name) != "" }) {
			r.Reject(n, key, "no named group: nothing would be read", example)
			return
		}
		*to = re
	})
}

// limit takes a whole number, where there may be none.
func (r *reader) limit(to **int64) strictyaml.Set {
	return optional(r, to, func(v *int64) strictyaml.Set {
		return strictyaml.Whole(r.Document, v, math.MinInt64, math.MaxInt64)
	})
}

// bootTime takes how long a board may take to boot.
func (r *reader) bootTime(to *time.Duration) strictyaml.Set {
	return r.between(to, 0, longestBoot)
}

// between takes a time within bounds.
func (r *reader) between(to *time.Duration, least, most time.Duration) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		if r.Apply(r.Duration(to, least), key, n) && *to > most {
			r.Reject(n, key, fmt.Sprintf("%s is more than %v", strictyaml.Quote(n.Value), most), "such as 2s")
		}
	}
}

// optional takes a value where there may be none, and nil is that.
func optional[T any](r *reader, to **T, set func(*T) strictyaml.Set) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		v := new(T)
		if r.Apply(set(v), key, n) {
			*to = v
		}
	}
}
