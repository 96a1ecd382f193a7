package doctor

import (
	"os"
	osuser "os/user"
	"strconv"
)

// user is on whose behalf the doctor looks.
func user() string {
	if u, err := osuser.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
