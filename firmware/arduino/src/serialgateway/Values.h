#ifndef SERIAL_GATEWAY_VALUES_H
#define SERIAL_GATEWAY_VALUES_H

namespace serialgateway {

// on, off, true, false, 1 or 0, in any case. False: text is none of them.
bool parseBool(const char* text, bool& value);

// A decimal number with an optional sign, and nothing around it. False: text
// is none, or it is outside of least to most.
bool parseInteger(const char* text, long least, long most, long& value);

}  // namespace serialgateway

#endif
