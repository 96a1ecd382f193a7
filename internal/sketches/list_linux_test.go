package sketches

// sketch is an example, and what the test does to its board.
type sketch struct {
	lines int      // to read; equal ones in a row count once
	pins  []string // high from the start
	parts []string // sensors, as in avr.Options
	steps []step
	timed int    // the number of the line whose digits depend on the time; 0 is none
	about string // text after its readings
}

// step is what the test does after this many lines.
type step struct {
	after int
	write string // what the test sends to the board
	pin   string // a pin that changes: up D2, down D2
}

// The voltages at A0 to A5 leave no rounding open: 409, 204, 102, 313.
var millivolts = []int{2000, 1000, 500, 1530, 0, 0}

// sketches are the examples that print text, by folder.
var sketches = map[string]sketch{
	"01.Basics/AnalogReadSerial":                 {lines: 1},
	"01.Basics/DigitalReadSerial":                {lines: 1, pins: []string{"D2"}},
	"01.Basics/ReadAnalogVoltage":                {lines: 1},
	"02.Digital/DigitalInputPullup":              {lines: 1, pins: []string{"D2"}},
	"02.Digital/StateChangeDetection":            {lines: 5, pins: []string{"D2"}, steps: []step{{after: 2, pin: "down D2"}, {after: 3, pin: "up D2"}}},
	"02.Digital/tonePitchFollower":               {lines: 1},
	"03.Analog/AnalogInOutSerial":                {lines: 1},
	"03.Analog/Smoothing":                        {lines: 10},
	"04.Communication/ASCIITable":                {lines: 20},
	"04.Communication/Graph":                     {lines: 1},
	"04.Communication/ReadASCIIString":           {lines: 1, steps: []step{{write: "5,220,70\n"}}},
	"04.Communication/SerialCallResponseASCII":   {lines: 2, pins: []string{"D2"}, steps: []step{{after: 1, write: "x"}}},
	"04.Communication/SerialEvent":               {lines: 1, steps: []step{{write: "temperature=23.5\n"}}},
	"04.Communication/VirtualColorMixer":         {lines: 1},
	"05.Control/IfStatementConditional":          {lines: 1},
	"05.Control/switchCase":                      {lines: 1},
	"06.Sensors/ADXL3xx":                         {lines: 1},
	"06.Sensors/Knock":                           {lines: 1},
	"06.Sensors/Memsic2125":                      {lines: 1, about: ": no sensor is connected"},
	"06.Sensors/Ping":                            {lines: 1, parts: []string{"ping:D7:D7:100"}},
	"08.Strings/CharacterAnalysis":               {lines: 10, steps: []step{{after: 1, write: "a"}}},
	"08.Strings/StringAdditionOperator":          {lines: 8, timed: 8},
	"08.Strings/StringAppendOperator":            {lines: 11, timed: 11},
	"08.Strings/StringCaseChanges":               {lines: 5},
	"08.Strings/StringCharacters":                {lines: 4},
	"08.Strings/StringComparisonOperators":       {lines: 13},
	"08.Strings/StringConstructors":              {lines: 12, timed: 10},
	"08.Strings/StringIndexOf":                   {lines: 8},
	"08.Strings/StringLength":                    {lines: 4, steps: []step{{after: 1, write: "h"}}},
	"08.Strings/StringLengthTrim":                {lines: 3},
	"08.Strings/StringReplace":                   {lines: 6},
	"08.Strings/StringStartsWithEndsWith":        {lines: 5},
	"08.Strings/StringSubstring":                 {lines: 4},
	"08.Strings/StringToInt":                     {lines: 3, steps: []step{{after: 1, write: "42\n"}}},
	"10.StarterKit_BasicKit/p03_LoveOMeter":      {lines: 1},
	"10.StarterKit_BasicKit/p04_ColorMixingLamp": {lines: 2},
	"10.StarterKit_BasicKit/p07_Keyboard":        {lines: 1},
}

// shapes are sketches of our own, of kinds that the examples do not have.
var shapes = map[string]sketch{
	"shapes/CarriageReturn": {lines: 1},
	"shapes/Header":         {lines: 5},
	"shapes/Latin1":         {lines: 2},
}

// others are the examples that write to the port and are not run, with the
// reason.
var others = map[string]string{
	"04.Communication/Midi":                          "binary: MIDI messages at 31250 baud",
	"04.Communication/MultiSerial":                   "needs a board with a second port, `Serial1`",
	"04.Communication/SerialCallResponse":            "binary: three bytes for each byte it receives",
	"04.Communication/SerialPassthrough":             "needs a board with a second port, `Serial1`",
	"10.StarterKit_BasicKit/p05_ServoMoodIndicator":  "needs the library Servo, which Debian does not package",
	"10.StarterKit_BasicKit/p12_KnockLock":           "needs the library Servo, which Debian does not package",
	"10.StarterKit_BasicKit/p13_TouchSensorLamp":     "needs the library CapacitiveSensor, which Debian does not package",
	"10.StarterKit_BasicKit/p14_TweakTheArduinoLogo": "binary: a byte for each reading of A0",
	"11.ArduinoISP/ArduinoISP":                       "binary: the protocol of avrdude",
}
