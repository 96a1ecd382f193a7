#include "Sum.h"

namespace serialgateway {

uint16_t sum(const char* text, uint8_t length) {
  uint16_t sum = 0xffff;
  while (length--) {
    uint8_t byte = static_cast<uint8_t>(*text++) ^ static_cast<uint8_t>(sum);
    byte ^= static_cast<uint8_t>(byte << 4);
    sum = static_cast<uint16_t>((static_cast<uint16_t>(byte) << 8 | sum >> 8) ^ (byte >> 4) ^
                                (static_cast<uint16_t>(byte) << 3));
  }
  return sum;
}

char firstDigit(uint16_t number) {
  uint8_t digit = number >> 12;
  return static_cast<char>(digit + (digit < 10 ? '0' : 'A' - 10));
}

SumState cutSum(char* line, uint8_t length) {
  if (length < kSumLength) return kNoSum;
  length -= kSumLength;
  char* tail = line + length;
  if (tail[1] != '~') return kNoSum;
  if (tail[0] != ' ') return kWrongSum;
  uint16_t right = sum(line, length);
  *tail++ = '\0';
  for (uint8_t i = 0; i < 4; i++, right <<= 4) {
    if (*++tail != firstDigit(right)) return kWrongSum;
  }
  return kRightSum;
}

}  // namespace serialgateway
