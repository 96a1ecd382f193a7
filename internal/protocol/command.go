package protocol

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"arduino-gateway/device"
)

// ParseCommand parses the values that a command takes, as a hello describes them:
//
//	bool
//	int 0..255
//	enum auto|manual
//	text 32
func ParseCommand(name, values string) (device.Command, error) {
	kind, rest, _ := strings.Cut(values, " ")
	c := device.Command{Name: name, Type: device.CommandType(kind)}
	var err error
	switch c.Type {
	case device.Bool:
		err = nothing(rest)
	case device.Int:
		c.Min, c.Max, err = parseBounds(rest)
	case device.Enum:
		c.Values, err = parseValues(rest)
	case device.Text:
		c.MaxLength, err = parseLength(rest)
	default:
		err = fmt.Errorf("unknown type %q", kind)
	}
	return c, err
}

// FormatCommand returns the text that ParseCommand parses.
func FormatCommand(c device.Command) string {
	switch c.Type {
	case device.Int:
		if c.Min == nil && c.Max == nil {
			return "int"
		}
		return "int " + bound(c.Min) + ".." + bound(c.Max)
	case device.Enum:
		return "enum " + strings.Join(c.Values, "|")
	case device.Text:
		return fmt.Sprintf("text %d", cmp.Or(c.MaxLength, device.DefaultMaxLength))
	default:
		return string(c.Type)
	}
}

func bound(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func nothing(rest string) error {
	if rest != "" {
		return fmt.Errorf("unexpected %q after bool", rest)
	}
	return nil
}

// parseBounds parses "0..255", "-10..", "..10" or nothing.
func parseBounds(text string) (low, high *int64, err error) {
	if text == "" {
		return nil, nil, nil
	}
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return nil, nil, fmt.Errorf("bounds %q are not of the form 0..255", text)
	}
	if low, err = parseBound(from); err != nil {
		return nil, nil, err
	}
	if high, err = parseBound(to); err != nil {
		return nil, nil, err
	}
	if low != nil && high != nil && *low > *high {
		return nil, nil, fmt.Errorf("the bounds %s are empty", text)
	}
	return low, high, nil
}

func parseBound(text string) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a whole number", text)
	}
	return &n, nil
}

func parseValues(text string) ([]string, error) {
	values := strings.Split(text, "|")
	for i, value := range values {
		switch {
		case value == "":
			return nil, errors.New("empty value")
		case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
			return nil, fmt.Errorf("the value %q is not printable text", value)
		case slices.Contains(values[:i], value):
			return nil, fmt.Errorf("duplicate value %s", value)
		}
	}
	return values, nil
}

func parseLength(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxLine {
		return 0, fmt.Errorf("the length %q is not a number from 1 to %d", text, MaxLine)
	}
	return n, nil
}
