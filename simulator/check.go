package simulator

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"arduino-gateway/device"
)

// complaint is one thing wrong with a Spec; key says where, as in a scenario:
// "signals.temperature", "faults[1]".
type complaint struct{ key, what string }

var (
	boardName = regexp.MustCompile(`^[a-z0-9_-]+$`)
	fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// check gives all that is wrong with a board in one error, nil if nothing is.
func (s *Spec) check() error {
	var all []error
	for _, c := range s.complaints() {
		all = append(all, fmt.Errorf("board %q: %s: %s", s.Name, c.key, c.what))
	}
	return errors.Join(all...)
}

func (s *Spec) complaints() []complaint {
	var all []complaint
	say := func(key, format string, args ...any) {
		all = append(all, complaint{key, fmt.Sprintf(format, args...)})
	}
	if !boardName.MatchString(s.Name) {
		say("name", "%q is not a name (hint: small letters, digits, _ and -)", s.Name)
	}
	if s.Ending != device.LF && s.Ending != device.CRLF {
		say("ending", "%q is not lf or crlf", s.Ending)
	}
	if !slices.Contains(Formats, s.Format) {
		say("format", "%q is not one of %s", s.Format, list(Formats))
	}
	if s.Baud < 0 || s.Every < 0 || s.Boot < 0 || s.Lines < 0 {
		say("every", "a baud, a count or a time is below zero")
	}
	s.checkNames(say)
	s.checkTemplates(say)
	s.checkHello(say)
	for i, f := range s.Faults {
		if what := f.wrong(); what != "" {
			say(fmt.Sprintf("faults[%d]", i), "%s", what)
		}
	}
	return all
}

// checkNames: signals and variables share the names that templates use.
func (s *Spec) checkNames(say func(key, format string, args ...any)) {
	seen := map[string]bool{"tick": true, "value": true}
	name := func(key, name string) {
		switch {
		case !fieldName.MatchString(name):
			say(key, "%q is not a name (hint: letters, digits and _)", name)
		case seen[name]:
			say(key, "the name %q is taken", name)
		}
		seen[name] = true
	}
	for _, signal := range s.Signals {
		key := "signals." + signal.Name
		name(key, signal.Name)
		if what := signal.wrong(); what != "" {
			say(key, "%s", what)
		}
	}
	for _, variable := range s.State {
		name("state."+variable.Name, variable.Name)
	}
}

func (s *Spec) checkTemplates(say func(key, format string, args ...any)) {
	template := func(key, text string, extra ...string) {
		for _, f := range parseTemplate(text) {
			if f.name != "" && !s.knows(f.name) && !slices.Contains(extra, f.name) {
				say(key, "there is no {%s}", f.name)
			}
		}
		if strings.ContainsAny(text, "\r\n") {
			say(key, "a line ending within a line")
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
			say(key, "on is missing: what the command looks like")
		}
		if strings.Count(c.On, "{value}") > 1 {
			say(key, "{value} stands twice in on")
		}
		if c.Set != "" && !newState(s.State).has(c.Set) {
			say(key, "set: there is no %q under state", c.Set)
		}
		template(key, c.To, "value")
		template(key, c.Reply, "value")
		template(key, c.Refuse, "value")
	}
}

// knows tells whether a template may use the name.
func (s *Spec) knows(name string) bool {
	return newState(s.State).has(name) ||
		slices.ContainsFunc(s.Signals, func(signal Signal) bool { return signal.Name == name })
}

func (f Fault) wrong() string {
	switch {
	case f.Do == "":
		return "do is missing: one of " + list(Faults)
	case !slices.Contains(Faults, f.Do):
		return fmt.Sprintf("do: %q is not one of %s", f.Do, list(Faults))
	case f.At < 0 || f.For < 0 || f.Every < 0:
		return "a time is below zero"
	case f.Every > 0 && f.Every <= f.For:
		return "every must be longer than for"
	case f.Do == Reset && f.For > 0:
		return "a reset has no for (hint: boot says how long it takes)"
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
