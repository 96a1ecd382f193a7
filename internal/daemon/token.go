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

// leastToken is how many characters of a token nobody guesses.
const leastToken = 16

// dashboardToken gives the token that the dashboard asks for, "" for none. Where
// others can reach it and there is no token yet, one is made.
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
	if len(token) < leastToken {
		return "", fmt.Errorf("http.token_file: the token in %s has %d characters (hint: at least %d, such as those of `openssl rand -hex 16`)", file, len(token), leastToken)
	}
	return token, nil
}
