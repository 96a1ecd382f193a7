package lineformat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// entry is what a public sketch prints, in three passes of its loop, and the readings
// that a careful person would publish.
type entry struct {
	ID       string
	Passes   []string
	Bytes    []byte // instead of passes
	Expect   []wanted
	Optional []wanted
	Forbid   []string
}

type wanted struct {
	Values []string
	Name   string // an expression
	Unit   string
}

func corpus(t *testing.T) (all []entry) {
	t.Helper()
	file, err := os.Open("testdata/corpus.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var e entry
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// played returns the values of each reading, in order.
func (e entry) played() map[string][]string {
	text := string(e.Bytes) + strings.Join(e.Passes, "")
	got, p := map[string][]string{}, NewParser(Options{})
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		readings, _ := p.Parse([]byte(line))
		for _, r := range readings {
			got[r.Name] = append(got[r.Name], strings.Clone(r.Value))
		}
	}
	return got
}

func (w wanted) names(name string) bool {
	return regexp.MustCompile("(?i)^(?:" + w.Name + ")$").MatchString(name)
}

// same reports whether two texts are equal as numbers or without regard to case.
func same(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return strings.EqualFold(a, b) || errX == nil && errY == nil && x == y
}

func isFloat(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func (w wanted) has(value string) bool {
	return slices.ContainsFunc(w.Values, func(v string) bool { return same(v, value) })
}

// outcome is right, partial, nothing, or wrong with a reason: a false number, a value
// under a second name, two quantities under one name, or a name made of data.
func (e entry) outcome(got map[string][]string) string {
	used, missed := map[string]bool{}, []wanted{}
	for _, w := range e.Expect {
		found := false
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if !used[name] && w.names(name) && slices.EqualFunc(got[name], w.Values, same) {
				used[name], found = true, true
				break
			}
		}
		if !found {
			missed = append(missed, w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if why := e.wrong(name, got[name], used[name], missed); why != "" {
			return "wrong: " + why
		}
	}
	switch {
	case len(missed) == 0:
		return "right"
	case len(used) > 0:
		return fmt.Sprintf("partial: misses %s", missed[0].Name)
	}
	return "nothing"
}

func (e entry) wrong(name string, values []string, used bool, missed []wanted) string {
	for _, f := range e.Forbid {
		if (wanted{Name: f}).names(name) {
			return "forbidden name " + name
		}
	}
	if used || !slices.ContainsFunc(values, isFloat) {
		return ""
	}
	known := slices.Concat(e.Expect, e.Optional)
	for _, v := range values {
		if isFloat(v) && !slices.ContainsFunc(known, func(w wanted) bool { return w.has(v) }) {
			return fmt.Sprintf("false number %s=%s", name, v)
		}
	}
	for _, w := range e.Optional {
		if !slices.ContainsFunc(values, func(v string) bool { return isFloat(v) && !w.has(v) }) {
			return ""
		}
	}
	if !slices.ContainsFunc(missed, func(w wanted) bool { return slices.ContainsFunc(values, w.has) }) {
		return fmt.Sprintf("value again under %s", name)
	}
	for _, w := range missed {
		if w.names(name) && len(values) <= len(w.Values) {
			return ""
		}
	}
	return fmt.Sprintf("%s=%q holds what belongs elsewhere", name, values)
}

// Each entry has the outcome that testdata/corpus.golden says.
func TestParser_ReadsTheCorpus(t *testing.T) {
	var got strings.Builder
	count := map[string]int{}
	for _, e := range corpus(t) {
		outcome := e.outcome(e.played())
		kind, _, _ := strings.Cut(outcome, ":")
		count[kind]++
		fmt.Fprintf(&got, "%s\t%s\n", e.ID, outcome)
	}
	want, _ := os.ReadFile("testdata/corpus.golden")
	if got.String() != string(want) {
		_ = os.WriteFile("testdata/corpus.got", []byte(got.String()), 0o644)
		t.Errorf("see testdata/corpus.got: %v", count)
	}
}
