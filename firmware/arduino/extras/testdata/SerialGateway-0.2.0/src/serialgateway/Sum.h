#ifndef SERIAL_GATEWAY_SUM_H
#define SERIAL_GATEWAY_SUM_H

#include <stdint.h>

namespace serialgateway {

// A line's checksum: " ~" and four digits behind its text.
enum { kSumLength = 6 };

// CRC-16/MCRF4XX, as docs/protocol.md says, without a table.
uint16_t sum(const char* text, uint8_t length);

// The first of a number's four digits; number << 4 has the next.
char firstDigit(uint16_t number);

enum SumState : uint8_t { kNoSum, kRightSum, kWrongSum };

// Looks at the checksum of a line, and cuts it off. A "~" in its place is one,
// whatever stands around it.
SumState cutSum(char* line, uint8_t length);

}  // namespace serialgateway

#endif
