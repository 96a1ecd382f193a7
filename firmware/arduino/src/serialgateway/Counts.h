#ifndef SERIAL_GATEWAY_COUNTS_H
#define SERIAL_GATEWAY_COUNTS_H

#include <stdint.h>

namespace serialgateway {

// Counts tell what a gateway lost or refused; each starts again at 0 after
// 65535. The board's own UART may lose bytes before, which nobody counts.
struct Counts {
  uint16_t overlong = 0;  // lines that came and did not fit
  uint16_t unknown = 0;   // lines that came with no known command
  uint16_t refused = 0;   // commands whose value was of the wrong kind
  uint16_t dropped = 0;   // lines that were not sent: too long, or too fast
};

}  // namespace serialgateway

#endif
