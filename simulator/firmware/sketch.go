package firmware

import "arduino-gateway/device"

// Library is the version in the hello: that of firmware/arduino.
const Library = "0.3.0"

// Sketch is what a program sets up in the library.
type Sketch struct {
	ID       string // a to z, 0 to 9, _ and -
	Readings []Reading
	Commands []device.Command // only Name, Type and its bounds are used

	// Run runs a command. The value is valid and in its canonical form. ok is
	// false if the sketch refuses it, and words are the reason then; else they
	// are the reply. They may be empty. nil runs all commands without a reply.
	Run func(command, value string) (words string, ok bool)

	OnLine func(line string) // receives each line that the board reads; may be nil
}

// Reading is a value that the sketch prints.
type Reading struct {
	Name string // a to z, 0 to 9 and _
	Unit string // "" is none
}

func (s Sketch) command(name string) (c device.Command, found bool) {
	for _, c := range s.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return device.Command{}, false
}
