#include "Arduino.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

unsigned long now = 0;
std::function<void()> whileWaiting;

unsigned long millis() { return now; }

void yield() {
  now++;
  if (whileWaiting) whileWaiting();
}

size_t Print::write(const uint8_t* bytes, size_t n) {
  size_t written = 0;
  while (written < n && write(bytes[written])) written++;
  return written;
}

size_t Print::print(const char* text) {
  return write(reinterpret_cast<const uint8_t*>(text), strlen(text));
}

size_t Print::print(const __FlashStringHelper* text) {
  return print(otherMemory(reinterpret_cast<const char*>(text)));
}

size_t Print::print(int value) { return print(static_cast<long>(value)); }

size_t Print::print(unsigned value) { return print(static_cast<long>(value)); }

size_t Print::print(long value) {
  char text[24];
  snprintf(text, sizeof text, "%ld", value);
  return print(text);
}

// Prints the core's words for a value that is not a number, or too large for it.
size_t Print::print(double value, int digits) {
  if (isnan(value)) return print("nan");
  if (isinf(value)) return print("inf");
  if (fabs(value) > 4294967040.0) return print("ovf");
  char text[32];
  snprintf(text, sizeof text, "%.*f", digits, value);
  return print(text);
}
