#include "Session.h"

#include <string.h>

namespace serialgateway {

bool Session::begin(const char* id) {
  if (strlen(id) != kIDLength) return false;
  bool same = true;
  for (uint8_t i = 0; i < kIDLength; i++) {
    same = same && id_[i] == id[i];
    id_[i] = id[i];
  }
  if (!same) next_ = 1;
  return true;
}

SERIAL_GATEWAY_NOINLINE void Session::end() {
  memset(id_, '0', kIDLength);
  next_ = 0;
}

bool Session::remembers(uint16_t number) const {
  return number && number < next_ && next_ - number <= kRemembered;
}

SERIAL_GATEWAY_NOINLINE Reply& Session::take() {
  Reply& mine = reply(next_);
  if (next_) next_++;
  mine.kind = Reply::kOk;
  mine.text = Text();
  return mine;
}

}  // namespace serialgateway
