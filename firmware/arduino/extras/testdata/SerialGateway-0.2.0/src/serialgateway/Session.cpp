#include "Session.h"

#include <string.h>

namespace serialgateway {

bool Session::begin(const char* id) {
  if (strlen(id) != kIDLength) return false;
  if (strcmp(id, id_) == 0) return true;
  strcpy(id_, id);
  next_ = 1;
  return true;
}

NOT_INLINE void Session::end() {
  memset(id_, '0', kIDLength);
  next_ = 0;
}

bool Session::remembers(uint16_t number) const {
  return number && number < next_ && next_ - number <= kRemembered;
}

NOT_INLINE Reply& Session::take() {
  Reply& mine = reply(next_);
  if (next_) next_++;
  mine.kind = Reply::kOk;
  mine.text = nullptr;
  return mine;
}

}  // namespace serialgateway
