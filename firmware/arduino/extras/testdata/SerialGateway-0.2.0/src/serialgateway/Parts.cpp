#include "Parts.h"

namespace serialgateway {

Text Part::bounds() const {
  uint8_t n = lengthUntil(spec, ' ');
  return at(spec, n) ? from(spec, n + 1) : nullptr;
}

bool Parts::add(Text spec, Part::Type type, Part::Handler handler) {
  if (used_ == room_) return false;
  Part& part = parts_[used_++];
  part.spec = spec;
  part.type = type;
  part.handler = handler;
  return true;
}

const Part* Parts::find(const char* name) const {
  const Part* end = parts_ + used_;
  for (const Part* part = parts_; part < end; part++) {
    if (part->type && isWord(part->spec, ' ', name)) return part;
  }
  return nullptr;
}

}  // namespace serialgateway
