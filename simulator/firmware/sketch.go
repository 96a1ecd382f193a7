package firmware

import "arduino-gateway/device"

// Library is the version that the hello tells of: that of firmware/arduino.
const Library = "0.3.0"

// Sketch is what a program tells the library.
type Sketch struct {
	ID       string // a to z, 0 to 9, _ and -
	Readings []Reading
	Commands []device.Command // Name, Type and its bounds count

	// Run carries out a command: the value is one that it takes, in its canonical
	// form. Of one that is refused, ok is false and words tell why; else they are
	// the reply. They may be empty. nil carries out all in silence.
	Run func(command, value string) (words string, ok bool)

	OnLine func(line string) // is given each line that the board takes; may be nil
}

// Reading is a value that the sketch prints.
type Reading struct {
	Name string // a to z, 0 to 9 and _
	Unit string // may be missing
}

func (s Sketch) command(name string) (c device.Command, found bool) {
	for _, c := range s.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return device.Command{}, false
}
