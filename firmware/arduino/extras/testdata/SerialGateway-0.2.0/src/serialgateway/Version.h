// The library's version, as library.properties has it.
#define SERIAL_GATEWAY_VERSION "0.2.0"
