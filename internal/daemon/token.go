package daemon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"arduino-gateway/internal/config"
)

// minToken is the least length of a token, in characters. A shorter one can be guessed.
const minToken = 16

// dashboardToken returns the token that opens the dashboard, "" if it needs none. If
// other machines can reach the dashboard and there is no token yet, it creates one.
func dashboardToken(c *config.Config) (string, error) {
	if c.HTTP.Listen == "" || c.HTTP.Local() && c.HTTP.TokenFile == "" {
		return "", nil
	}
	file := c.TokenFile()
	data, err := os.ReadFile(file)
	if c.HTTP.TokenFile == "" && errors.Is(err, fs.ErrNotExist) {
		data = []byte(rand.Text() + "\n")
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("http.token_file: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if len(token) < minToken {
		return "", fmt.Errorf("http.token_file: the token in %s has %d characters (hint: use at least %d, for example from `openssl rand -hex 16`)", file, len(token), minToken)
	}
	return token, nil
}
