package device

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// ReadingSpecs has the specifications of readings, by the name that the board gives them or
// by a pattern of such names, in which each * stands for any characters: sample_*.
type ReadingSpecs map[string]ReadingSpec

// IsPattern reports whether a key of ReadingSpecs is a pattern.
func IsPattern(key string) bool { return strings.Contains(key, "*") }

// Of returns the specification of a reading: the one with its name, else the one with the
// most specific pattern that matches. ok is false if there is none.
func (s ReadingSpecs) Of(name string) (spec ReadingSpec, ok bool) {
	if spec, ok = s[name]; ok {
		return spec, true
	}
	for _, pattern := range s.Patterns() {
		if Matches(pattern, name) {
			return s[pattern], true
		}
	}
	return ReadingSpec{}, false
}

// Patterns returns the keys that are patterns, the most specific first: the one with the
// most characters besides *.
func (s ReadingSpecs) Patterns() []string {
	patterns := slices.Collect(maps.Keys(s))
	patterns = slices.DeleteFunc(patterns, func(key string) bool { return !IsPattern(key) })
	slices.SortFunc(patterns, func(a, b string) int {
		stars := strings.Count(a, "*") - strings.Count(b, "*")
		return cmp.Or(len(b)-len(a)+stars, stars, strings.Compare(a, b))
	})
	return patterns
}

// Over returns these specifications, and for each other reading that a board described
// the one of the board. Where both specify a reading, the unit of the board counts only if
// there is no other.
func (s ReadingSpecs) Over(described map[string]ReadingSpec) ReadingSpecs {
	all := maps.Clone(described)
	if all == nil {
		all = map[string]ReadingSpec{}
	}
	for name, board := range described {
		if own, ok := s.Of(name); ok {
			own.Unit = cmp.Or(own.Unit, board.Unit)
			all[name] = own
		}
	}
	for name, own := range s {
		if _, ok := described[name]; !ok {
			all[name] = own
		}
	}
	return all
}

// Matches reports whether a name matches a pattern. It allocates nothing, and takes a time
// that is at most the product of both lengths.
func Matches(pattern, name string) bool {
	p, n := 0, 0
	star, after := -1, 0 // the last *, and where its text ends so far
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, after = p, n
			p++
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			after++
			p, n = star+1, after
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
