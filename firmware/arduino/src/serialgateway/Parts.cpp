#include "Parts.h"

namespace serialgateway {

Text Part::bounds() const {
  uint8_t n = lengthUntil(spec, ' ');
  return spec[n] ? spec.from(n + 1) : Text();
}

Part* Parts::add(Text spec, Part::Type type, Part::Handler handler) {
  if (used_ == room_) return nullptr;
  Part& part = parts_[used_++];
  part.spec = spec;
  part.type = type;
  part.handler = handler;
  return &part;
}

const Part* Parts::find(const char* name) const {
  const Part* end = parts_ + used_;
  for (const Part* part = parts_; part < end; part++) {
    if (part->handler && isWord(part->spec, ' ', name)) return part;
  }
  return nullptr;
}

}  // namespace serialgateway
