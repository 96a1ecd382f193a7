package device

// Description is what a board tells of itself in its hello. Its maps are of the
// types that Device has, so that devices.yaml can overrule them name by name.
type Description struct {
	ID       string // as Device.ID
	Library  string // the version of what speaks on the board; "" is not told
	Readings map[string]ReadingSpec
	Commands map[string]Command
}
