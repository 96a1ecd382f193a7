package daemon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf16"
)

// longestPassword is the longest password that MQTT allows, in bytes.
const longestPassword = 65535

// readPassword reads the password from its file, or from the environment.
func readPassword(file string, getenv func(string) string) (string, *keyError) {
	if file == "" {
		return getenv("GATEWAY_MQTT_PASSWORD"), nil
	}
	const key, hint = "mqtt.password_file", "the file holds nothing but the password; or remove the key and set GATEWAY_MQTT_PASSWORD"
	data, err := readBeginning(file, 2*longestPassword)
	if err != nil {
		return "", unreadable(key, err, hint)
	}
	password, err := parsePassword(data)
	if err != nil {
		return "", &keyError{key, fmt.Errorf("%s %w", file, err), hint}
	}
	return password, nil
}

// readBeginning reads a file, and of a longer one the beginning: the file may be
// /dev/zero.
func readBeginning(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// hashed matches a line of a broker's own file of users:
//
//	pi:$7$101$Lz8jzy1rrqd9…
var hashed = regexp.MustCompile(`^[^:]+:\$[0-9a-z]+\$`)

// parsePassword returns the one line of a password file. The error continues the
// file's name.
func parsePassword(data []byte) (string, error) {
	text, err := decodeText(data)
	if err != nil {
		return "", err
	}
	text = strings.TrimRight(text, "\r\n")
	switch {
	case text == "":
		return "", errors.New("is empty")
	case len(text) > longestPassword:
		return "", fmt.Errorf("has more than the %d bytes that a password may have", longestPassword)
	case strings.ContainsAny(text, "\r\n"):
		return "", errors.New("has more than one line")
	case strings.Contains(text, "\x00"):
		return "", errors.New("has a zero byte: it is not a text file, or in UTF-16 without a byte order mark")
	case hashed.MatchString(text):
		return "", errors.New("has a user with the hash of a password, as a broker's file of users does")
	}
	return text, nil
}

// The byte order marks that editors on Windows write.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
)

// decodeText returns the text of a file without its byte order mark, as UTF-8. A text
// without a mark stays as it is: MQTT allows any bytes in a password.
func decodeText(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte(markUTF8)):
		return string(data[len(markUTF8):]), nil
	case bytes.HasPrefix(data, []byte(markUTF16LE)):
		return decodeUTF16(data[len(markUTF16LE):], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte(markUTF16BE)):
		return decodeUTF16(data[len(markUTF16BE):], binary.BigEndian)
	}
	return string(data), nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, error) {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	if len(data)%2 != 0 || strings.ContainsRune(text, '\ufffd') {
		return "", errors.New("begins like a text in UTF-16 and is none: save it as UTF-8")
	}
	return text, nil
}
