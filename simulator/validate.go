package simulator

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"arduino-gateway/device"
)

// mistake is one thing wrong with a Spec. key is its place, as in a scenario file:
// "signals.temperature", "faults[1]".
type mistake struct{ key, what string }

var (
	boardName = regexp.MustCompile(`^[a-z0-9_-]+$`)
	fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Validate returns all mistakes in the scenario as one error, a line each; nil if
// there are none.
func (s Scenario) Validate() error {
	var all []error
	if len(s.Boards) == 0 {
		all = append(all, errors.New("no boards"))
	}
	for _, board := range s.Boards {
		all = append(all, board.Validate())
	}
	s.usedLinks(func(board Spec, what string) {
		all = append(all, fmt.Errorf("board %q: link: %s", board.Name, what))
	})
	return errors.Join(all...)
}

// usedLinks calls report for each board whose link an earlier board has.
func (s Scenario) usedLinks(report func(board Spec, what string)) {
	users := map[string]string{}
	for _, board := range s.Boards {
		board = board.withDefaults()
		link := board.Link
		if link == "" {
			link = filepath.Join(s.Dir, board.Name)
		}
		if other, used := users[link]; used {
			report(board, fmt.Sprintf("%s is already used by board %q", link, other))
		}
		users[link] = board.Name
	}
}

// Validate returns all mistakes in the spec as one error, a line each; nil if
// there are none. A zero field stands for its default. Plug returns the same
// error.
func (s Spec) Validate() error {
	s = s.withDefaults()
	return s.check()
}

// check is Validate for a spec that has its defaults.
func (s *Spec) check() error {
	var all []error
	for _, c := range s.mistakes() {
		all = append(all, fmt.Errorf("board %q: %s: %s", s.Name, c.key, c.what))
	}
	return errors.Join(all...)
}

func (s *Spec) mistakes() []mistake {
	var all []mistake
	report := func(key, format string, args ...any) {
		all = append(all, mistake{key, fmt.Sprintf(format, args...)})
	}
	if !boardName.MatchString(s.Name) {
		report("name", "%q is not a name (hint: use a-z, 0-9, _ and -)", s.Name)
	}
	if s.Ending != device.LF && s.Ending != device.CRLF {
		report("ending", "%q is not lf or crlf", s.Ending)
	}
	if !slices.Contains(Formats, s.Format) {
		report("format", "%q is not one of %s", s.Format, list(Formats))
	}
	s.checkSigns(report)
	s.checkNames(report)
	s.checkTemplates(report)
	s.checkHello(report)
	for i, f := range s.Faults {
		if what := f.mistake(); what != "" {
			report(fmt.Sprintf("faults[%d]", i), "%s", what)
		}
	}
	return all
}

func (s *Spec) checkSigns(report func(key, format string, args ...any)) {
	for _, number := range []struct {
		key   string
		value int64
	}{{"baud", int64(s.Baud)}, {"boot", int64(s.Boot)}, {"every", int64(s.Every)}, {"lines", s.Lines}} {
		if number.value < 0 {
			report(number.key, "below zero")
		}
	}
}

// checkNames checks that no two signals or variables share a name: templates use
// the names of both.
func (s *Spec) checkNames(report func(key, format string, args ...any)) {
	seen := map[string]bool{"tick": true, "value": true}
	name := func(key, name string) {
		switch {
		case !fieldName.MatchString(name):
			report(key, "%q is not a name (hint: use letters, digits and _)", name)
		case seen[name]:
			report(key, "the name %q is already used", name)
		}
		seen[name] = true
	}
	for _, signal := range s.Signals {
		key := "signals." + signal.Name
		name(key, signal.Name)
		if what := signal.mistake(); what != "" {
			report(key, "%s", what)
		}
	}
	for _, variable := range s.State {
		name("state."+variable.Name, variable.Name)
	}
}

func (s *Spec) checkTemplates(report func(key, format string, args ...any)) {
	template := func(key, text string, extra ...string) {
		for _, f := range parseTemplate(text) {
			if f.name != "" && !s.knows(f.name) && !slices.Contains(extra, f.name) {
				report(key, "unknown name {%s}", f.name)
			}
		}
		if strings.ContainsAny(text, "\r\n") {
			report(key, "contains a line ending")
		}
	}
	template("line", s.Line, "tick")
	template("unknown", s.Unknown, "value")
	for i, banner := range s.Banner {
		template(fmt.Sprintf("banner[%d]", i), banner)
	}
	for i, c := range s.Commands {
		key := fmt.Sprintf("commands[%d]", i)
		if c.On == "" {
			report(key, "missing on (hint: what the command looks like, such as led={value})")
		}
		if strings.Count(c.On, "{value}") > 1 {
			report(key, "on contains {value} twice")
		}
		if c.Set != "" && !newState(s.State).has(c.Set) {
			report(key, "set: %q is not in state", c.Set)
		}
		template(key, c.To, "value")
		template(key, c.Reply, "value")
		template(key, c.Refuse, "value")
	}
}

// knows reports whether a template may use the name.
func (s *Spec) knows(name string) bool {
	return newState(s.State).has(name) ||
		slices.ContainsFunc(s.Signals, func(signal Signal) bool { return signal.Name == name })
}

func (f Fault) mistake() string {
	switch {
	case f.Do == "":
		return "missing do (hint: one of " + list(Faults) + ")"
	case !slices.Contains(Faults, f.Do):
		return fmt.Sprintf("do: %q is not one of %s", f.Do, list(Faults))
	case f.At < 0 || f.For < 0 || f.Every < 0:
		return "a time is below zero"
	case f.Every > 0 && f.Every <= f.For:
		return "every is not longer than for"
	case f.Do == Reset && f.For > 0:
		return "a reset cannot have for (hint: boot is its duration)"
	}
	return ""
}

func list[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}
