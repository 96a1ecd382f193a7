#ifndef SERIAL_GATEWAY_SUM_H
#define SERIAL_GATEWAY_SUM_H

#include <stdint.h>

namespace serialgateway {

// The length of a checksum: " ~" and four digits after the text.
enum { kSumLength = 6 };

// Returns the CRC-16/MCRF4XX of docs/protocol.md, computed without a table.
uint16_t sum(const char* text, uint8_t length);

// Returns the first of a number's four hex digits; number << 4 has the next.
char firstDigit(uint16_t number);

enum SumState : uint8_t { kNoSum, kRightSum, kWrongSum };

// Checks the checksum of a line, and cuts it off. A "~" in its place is one, whatever
// stands around it.
SumState cutSum(char* line, uint8_t length);

}  // namespace serialgateway

#endif
