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

// helloName matches the names that a hello allows for a reading or a command.
var helloName = regexp.MustCompile(`^[a-z0-9_]+$`)

// checkHello checks what depends on whether the board has a hello.
func (s *Spec) checkHello(report func(key, format string, args ...any)) {
	if s.Hello == "" {
		s.checkPlain(report)
		return
	}
	if !boardName.MatchString(s.Hello) {
		report("hello", "%q is not an ID (hint: use a-z, 0-9, _ and -)", s.Hello)
	}
	if s.Unknown != "" {
		report("unknown", "not allowed with hello: the board's library answers unknown commands")
	}
	for _, signal := range s.Signals {
		key := "signals." + signal.Name
		s.checkHelloName(key, signal.Name, report)
		if strings.ContainsFunc(signal.Unit, unicode.IsControl) {
			report(key+".unit", "%q contains a control character", signal.Unit)
		}
	}
	for _, variable := range s.State {
		s.checkHelloName("state."+variable.Name, variable.Name, report)
	}
	s.checkCommandTypes(report)
}

// checkPlain rejects what only a hello can describe.
func (s *Spec) checkPlain(report func(key, format string, args ...any)) {
	for _, signal := range s.Signals {
		if signal.Unit != "" {
			report("signals."+signal.Name+".unit", "needs hello: no other board describes it")
		}
	}
	for i, c := range s.Commands {
		if c.Takes != "" {
			report(fmt.Sprintf("commands[%d].takes", i), "needs hello: no other board describes it")
		}
		if c.Refuse != "" {
			report(fmt.Sprintf("commands[%d].refuse", i), "needs hello: no other board refuses commands (hint: use reply)")
		}
	}
}

func (s *Spec) checkHelloName(key, name string, report func(key, format string, args ...any)) {
	if !helloName.MatchString(name) {
		report(key, "%q cannot be in a hello (hint: use a-z, 0-9 and _)", name)
	}
}

// checkCommandTypes checks that each command is defined once, after all lines
// for single values of it.
func (s *Spec) checkCommandTypes(report func(key, format string, args ...any)) {
	told := map[string]bool{}
	for i, c := range slices.Backward(s.Commands) {
		key := fmt.Sprintf("commands[%d]", i)
		name, value, isCommand := strings.Cut(c.On, "=")
		switch whole := value == "{value}"; {
		case c.On == "": // already reported
		case !isCommand || !helloName.MatchString(name) || !whole && strings.Contains(value, "{value}"):
			report(key+".on", "%q is not a command of a board with hello (hint: NAME={value})", c.On)
		case whole && told[name]:
			report(key+".on", "the command %s is defined twice", name)
		case whole:
			told[name] = true
			checkType(key, name, c.Takes, report)
		case c.Takes != "":
			report(key+".takes", "belongs to the command %s={value}", name)
		case !told[name]:
			report(key+".on", "no command %s={value} follows (hint: it says what the command takes)", name)
		}
	}
}

func checkType(key, name, takes string, report func(key, format string, args ...any)) {
	const hint = "(hint: bool, int 0..255, enum auto|manual or text 20)"
	if takes == "" {
		report(key, "missing takes %s", hint)
	} else if _, err := protocol.ParseCommand(name, takes); err != nil {
		report(key+".takes", "%v %s", err, hint)
	}
}

// firmware returns the program of a board with a hello.
func (s *Spec) firmware(run func(command, value string) (words string, ok bool), heard func(line string)) firmware.Sketch {
	sketch := firmware.Sketch{ID: s.Hello, Run: run, OnLine: heard}
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
		command, _ := protocol.ParseCommand(name, c.Takes) // already checked
		sketch.Commands = append(sketch.Commands, command)
	}
	return sketch
}

// serve lets the library read each byte before the next one comes, as on a wire,
// unless the sketch is busy or its reader slow.
func (s *sketch) serve(now time.Duration, data []byte) {
	for _, c := range data {
		if !s.library.Receive(c) {
			s.input.lost++
		}
		if !s.mute() && len(s.replies) < maxReplies {
			s.library.Loop(now)
		}
	}
}

func (s *sketch) loop(now time.Duration) action {
	s.library.Loop(now)
	return action{}
}

// carryOut runs a command for the library, which has checked its value.
func (s *sketch) carryOut(command, value string) (words string, ok bool) {
	i := slices.IndexFunc(s.spec.Commands, func(c Command) bool {
		return c.On == command+"="+value || c.On == command+"={value}"
	})
	c := s.spec.Commands[i]
	if c.Refuse != "" {
		return s.fill(c.Refuse, value), false
	}
	return s.run(c, value), true
}
