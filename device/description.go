package device

// Description is how a board describes itself in its hello. Its maps have the types of
// those in Device, so that devices.yaml can override them name by name.
type Description struct {
	ID       string // as Device.ID
	Library  string // version of the library on the board; "": unknown
	Readings map[string]ReadingSpec
	Commands map[string]Command
}
