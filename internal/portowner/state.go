package portowner

// State says whether a program has a device.
type State uint8

const (
	Unknown State = iota // no program was seen, but not all can be seen
	Free                 // all programs were seen, and none has it
	Owned                // a program was seen that has it
)
