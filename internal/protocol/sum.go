package protocol

// Check is the state of a line's checksum.
type Check uint8

const (
	Unchecked Check = iota // it has none
	Right
	Wrong // something of the line was damaged
)

// A checksum ends a line as " ~" and four digits of hex, in upper case. No
// sketch prints that by chance, with digits that are right.
//
//	temperature=23.50,humidity=40.2 ~8B5E
const sumLength = 6

// Sum is the CRC-16 of text: polynomial 0x1021, least bit first, from 0xFFFF
// (CRC-16/MCRF4XX). It finds whatever is damaged within 16 bits in a row. It
// needs no table, which an AVR had to keep in its RAM.
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

// appendSum closes the line that dst holds from its byte start on.
func appendSum(dst []byte, start int) []byte {
	sum := Sum(dst[start:])
	return appendHex(append(dst, " ~"...), sum)
}

func appendHex(dst []byte, n uint16) []byte {
	return append(dst, hexDigits[n>>12], hexDigits[n>>8&0xf], hexDigits[n>>4&0xf], hexDigits[n&0xf])
}

// split takes the checksum off a line.
func split(line []byte) (text []byte, check Check) {
	at := len(line) - sumLength
	if at < 0 || line[at] != ' ' || line[at+1] != '~' {
		return line, Unchecked
	}
	told, ok := parseHex(line[at+2:])
	switch {
	case !ok:
		return line, Unchecked
	case told != Sum(line[:at]):
		return line[:at], Wrong
	}
	return line[:at], Right
}

// parseHex reads four digits in upper case.
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
