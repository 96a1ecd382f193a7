#ifndef SERIAL_GATEWAY_VERSION

// The library's version, as in library.properties and library.json.
#define SERIAL_GATEWAY_VERSION "0.3.0"

#endif
