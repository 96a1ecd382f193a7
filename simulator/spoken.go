package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator/firmware"
)

// toldName is what a hello may name a reading or a command.
var toldName = regexp.MustCompile(`^[a-z0-9_]+$`)

// checkHello checks what a board may be told only with a hello, and what not.
func (s *Spec) checkHello(say func(key, format string, args ...any)) {
	if s.Hello == "" {
		s.checkPlain(say)
		return
	}
	if !boardName.MatchString(s.Hello) {
		say("hello", "%q is no ID (hint: small letters, digits, _ and -)", s.Hello)
	}
	if s.Unknown != "" {
		say("unknown", "a board with a hello has its own words for that")
	}
	for _, signal := range s.Signals {
		key := "signals." + signal.Name
		s.checkTold(key, signal.Name, say)
		if strings.ContainsFunc(signal.Unit, unicode.IsControl) {
			say(key+".unit", "%q has a control character", signal.Unit)
		}
	}
	for _, variable := range s.State {
		s.checkTold("state."+variable.Name, variable.Name, say)
	}
	s.checkTakes(say)
}

// checkPlain: a board without a hello has nobody to tell it to.
func (s *Spec) checkPlain(say func(key, format string, args ...any)) {
	for _, signal := range s.Signals {
		if signal.Unit != "" {
			say("signals."+signal.Name+".unit", "only a board with a hello tells it")
		}
	}
	for i, c := range s.Commands {
		if c.Takes != "" {
			say(fmt.Sprintf("commands[%d].takes", i), "only a board with a hello tells it")
		}
		if c.Refuse != "" {
			say(fmt.Sprintf("commands[%d].refuse", i), "only a board with a hello refuses (hint: reply)")
		}
	}
}

func (s *Spec) checkTold(key, name string, say func(key, format string, args ...any)) {
	if !toldName.MatchString(name) {
		say(key, "a hello can't tell of %q (hint: small letters, digits and _)", name)
	}
}

// checkTakes: each command is told once, behind what is said of single values.
func (s *Spec) checkTakes(say func(key, format string, args ...any)) {
	told := map[string]bool{}
	for i, c := range slices.Backward(s.Commands) {
		key := fmt.Sprintf("commands[%d]", i)
		name, value, isCommand := strings.Cut(c.On, "=")
		switch whole := value == "{value}"; {
		case c.On == "": // was told
		case !isCommand || !toldName.MatchString(name) || !whole && strings.Contains(value, "{value}"):
			say(key+".on", "%q is not what a board with a hello takes (hint: NAME={value})", c.On)
		case whole && told[name]:
			say(key+".on", "the command %s stands twice", name)
		case whole:
			told[name] = true
			checkType(key, name, c.Takes, say)
		case c.Takes != "":
			say(key+".takes", "it belongs to %s={value}", name)
		case !told[name]:
			say(key+".on", "behind it there is no %s={value}, which says what the command takes", name)
		}
	}
}

func checkType(key, name, takes string, say func(key, format string, args ...any)) {
	const hint = "(hint: bool, int 0..255, enum auto|manual or text 20)"
	if takes == "" {
		say(key, "takes is missing %s", hint)
	} else if _, err := protocol.ParseCommand(name, takes); err != nil {
		say(key+".takes", "%v %s", err, hint)
	}
}

// firmware is the program of a board with a hello.
func (s *Spec) firmware(run func(command, value string) (words string, ok bool), heard func(line string)) firmware.Sketch {
	sketch := firmware.Sketch{ID: s.Hello, Run: run, Heard: heard}
	for _, signal := range s.Signals {
		sketch.Readings = append(sketch.Readings, firmware.Reading{Name: signal.Name, Unit: signal.Unit})
	}
	for _, variable := range s.State {
		sketch.Readings = append(sketch.Readings, firmware.Reading{Name: variable.Name})
	}
	for _, c := range s.Commands {
		if c.Takes == "" {
			continue
		}
		name, _, _ := strings.Cut(c.On, "=")
		command, _ := protocol.ParseCommand(name, c.Takes) // it was checked
		sketch.Commands = append(sketch.Commands, command)
	}
	return sketch
}

// serve lets the library take each byte before the next one comes, as it does on
// a wire, unless the sketch is busy or its reader slow.
func (s *sketch) serve(now time.Duration, data []byte) {
	for _, c := range data {
		if !s.library.Receive(c) {
			s.input.lost++
		}
		if !s.mute() && len(s.replies) < repliesHeld {
			s.library.Loop(now)
		}
	}
}

func (s *sketch) loop(now time.Duration) action {
	s.library.Loop(now)
	return action{}
}

// carryOut is what the library calls for a command with a value that it takes.
func (s *sketch) carryOut(command, value string) (words string, ok bool) {
	i := slices.IndexFunc(s.spec.Commands, func(c Command) bool {
		return c.On == command+"="+value || c.On == command+"={value}"
	})
	c := s.spec.Commands[i]
	if c.Refuse != "" {
		return s.fill(c.Refuse, value), false
	}
	return s.do(c, value), true
}
