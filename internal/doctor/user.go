package doctor

import (
	"os"
	osuser "os/user"
	"strconv"
)

// user returns the name of the user who runs the doctor.
func user() string {
	if u, err := osuser.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
