package simulator

import (
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

// TestSpec_ValidateReportsEachMistake checks each rule of a board. The files in
// testdata check the same rules with the places of the mistakes.
func TestSpec_ValidateReportsEachMistake(t *testing.T) {
	signal := func(s Signal) Spec { s.Name = "t"; return Spec{Signals: []Signal{s}} }
	command := func(c Command) Spec { return Spec{Commands: []Command{c}} }
	fault := func(f Fault) Spec { return Spec{Faults: []Fault{f}} }
	withHello := func(s Spec) Spec { s.Hello = "fan-1"; return s }
	led := Command{On: "led={value}", Takes: "bool"}
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Name: "Uno"}, `name: "Uno" is not a name (hint: use a-z, 0-9, _ and -)`},
		{Spec{Ending: device.CR}, `ending: "cr" is not lf or crlf`},
		{Spec{Format: "xml"}, `format: "xml" is not one of pairs, plotter, csv, json`},
		{Spec{Baud: -1}, `baud: below zero`},
		{Spec{Boot: -1}, `boot: below zero`},
		{Spec{Every: -1}, `every: below zero`},
		{Spec{Lines: -1}, `lines: below zero`},
		{Spec{Signals: []Signal{{Name: "2nd"}}}, `signals.2nd: "2nd" is not a name (hint: use letters, digits and _)`},
		{Spec{State: []Variable{{Name: "tick"}}}, `state.tick: the name "tick" is already used`},
		{signal(Signal{Wave: Sine}), `signals.t: a sine needs a period`},
		{signal(Signal{Wave: Walk}), `signals.t: a walk needs a step above zero, and min, start and max in rising order`},
		{signal(Signal{Wave: "zigzag"}), `signals.t: wave: "zigzag" is not one of constant, sine, ramp, walk`},
		{signal(Signal{Decimals: 10}), `signals.t: decimals must be 0 to 9`},
		{signal(Signal{Value: 1e16}), `signals.t: a number is beyond 1e15`},
		{Spec{Line: "{other}"}, `line: unknown name {other}`},
		{Spec{Unknown: "a\nb"}, `unknown: contains a line ending`},
		{command(Command{}), `commands[0]: missing on (hint: what the command looks like, such as led={value})`},
		{command(Command{On: "{value}{value}"}), `commands[0]: on contains {value} twice`},
		{command(Command{On: "H", Set: "lamp"}), `commands[0]: set: "lamp" is not in state`},
		{command(Command{On: "H", Takes: "bool"}), `commands[0].takes: needs hello: no other board describes it`},
		{command(Command{On: "H", Refuse: "no"}), `commands[0].refuse: needs hello: no other board refuses commands (hint: use reply)`},
		{signal(Signal{Unit: "mm"}), `signals.t.unit: needs hello: no other board describes it`},
		{fault(Fault{}), `faults[0]: missing do (hint: one of noise, garbage, cut, silence, flood, busy, hang, reset, unplug)`},
		{fault(Fault{Do: "explode"}), `faults[0]: do: "explode" is not one of noise, garbage, cut, silence, flood, busy, hang, reset, unplug`},
		{fault(Fault{Do: Cut, At: -1}), `faults[0]: a time is below zero`},
		{fault(Fault{Do: Cut, For: time.Second, Every: time.Second}), `faults[0]: every is not longer than for`},
		{fault(Fault{Do: Reset, For: time.Second}), `faults[0]: a reset cannot have for (hint: boot is its duration)`},
		{Spec{Hello: "Fan 1"}, `hello: "Fan 1" is not an ID (hint: use a-z, 0-9, _ and -)`},
		{withHello(Spec{Unknown: "?"}), `unknown: not allowed with hello: the board's library answers unknown commands`},
		{withHello(Spec{Signals: []Signal{{Name: "T"}}}), `signals.T: "T" cannot be in a hello (hint: use a-z, 0-9 and _)`},
		{withHello(Spec{Signals: []Signal{{Name: "t", Unit: "\a"}}}), `signals.t.unit: "\a" contains a control character`},
		{withHello(Spec{State: []Variable{{Name: "Led"}}}), `state.Led: "Led" cannot be in a hello (hint: use a-z, 0-9 and _)`},
		{withHello(command(Command{On: "H"})), `commands[0].on: "H" is not a command of a board with hello (hint: NAME={value})`},
		{withHello(command(Command{On: "led={value}"})), `commands[0]: missing takes (hint: bool, int 0..255, enum auto|manual or text 20)`},
		{withHello(Spec{Commands: []Command{led, led}}), `commands[0].on: the command led is defined twice`},
		{withHello(Spec{Commands: []Command{{On: "led=on", Takes: "bool"}, led}}), `commands[0].takes: belongs to the command led={value}`},
		{withHello(command(Command{On: "led=on"})), `commands[0].on: no command led={value} follows (hint: it says what the command takes)`},
	} {
		err := c.spec.Validate()
		name := c.spec.withDefaults().Name
		if want := `board "` + name + `": ` + c.want; err == nil || err.Error() != want {
			t.Errorf("%+v:\n%v\nwant\n%s", c.spec, err, want)
		}
		if _, got := Plug(c.spec); got == nil || got.Error() != err.Error() {
			t.Errorf("Plug: %v, want %v", got, err)
		}
	}
}

// TestScenario_ValidateChecksBoardsTogether checks what a board alone cannot show.
func TestScenario_ValidateChecksBoardsTogether(t *testing.T) {
	if err := DemoScenario().Validate(); err != nil {
		t.Error(err)
	}
	for want, scenario := range map[string]Scenario{
		"no boards":                     {},
		`board "uno": baud: below zero`: {Boards: []Spec{{Name: "uno", Baud: -1}}},
		`board "uno": link: run/uno is already used by board "uno"`: {Dir: "run", Boards: []Spec{{Name: "uno"}, {Name: "uno"}}},
		`board "b": link: port is already used by board "a"`:        {Boards: []Spec{{Name: "a", Link: "port"}, {Name: "b", Link: "port"}}},
	} {
		if err := scenario.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
