package protocol

// Check is the state of a line's checksum.
type Check uint8

const (
	Unchecked Check = iota // the line has none
	Right
	Wrong // the line is damaged
)

// A checksum ends a line as " ~" and four hex digits in upper case. No sketch prints a valid
// one by chance.
//
//	temperature=23.50,humidity=40.2 ~8B5E
const sumLength = 6

// Sum returns the CRC-16 of text: polynomial 0x1021, least significant bit first, starting
// at 0xFFFF (CRC-16/MCRF4XX). It detects any damage within 16 consecutive bits. It needs no
// table, which an AVR would have to keep in RAM.
func Sum(text []byte) uint16 {
	sum := uint16(0xffff)
	for _, b := range text {
		b ^= byte(sum)
		b ^= b << 4
		sum = (uint16(b)<<8 | sum>>8) ^ uint16(b>>4) ^ uint16(b)<<3
	}
	return sum
}

const hexDigits = "0123456789ABCDEF"

// appendSum appends the checksum of dst[start:].
func appendSum(dst []byte, start int) []byte {
	sum := Sum(dst[start:])
	return appendHex(append(dst, " ~"...), sum)
}

func appendHex(dst []byte, n uint16) []byte {
	return append(dst, hexDigits[n>>12], hexDigits[n>>8&0xf], hexDigits[n>>4&0xf], hexDigits[n&0xf])
}

// split removes the checksum from a line.
func split(line []byte) (text []byte, check Check) {
	at := len(line) - sumLength
	if at < 0 || line[at] != ' ' || line[at+1] != '~' {
		return line, Unchecked
	}
	given, ok := parseHex(line[at+2:])
	switch {
	case !ok:
		return line, Unchecked
	case given != Sum(line[:at]):
		return line[:at], Wrong
	}
	return line[:at], Right
}

// parseHex parses four digits in upper case.
func parseHex(digits []byte) (n uint16, ok bool) {
	if len(digits) != 4 {
		return 0, false
	}
	for _, d := range digits {
		switch {
		case d-'0' <= 9:
			d -= '0'
		case d >= 'A' && d <= 'F':
			d -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | uint16(d)
	}
	return n, true
}
