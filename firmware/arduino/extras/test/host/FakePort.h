// FakePort replaces Serial. The test is the host at its other end.
#ifndef HOST_FAKE_PORT_H
#define HOST_FAKE_PORT_H

#include <string>

#include "Arduino.h"

class FakePort : public Stream {
 public:
  enum { kCannotTell = -1, kEndless = 1000000 };

  std::string coming;     // to the board
  std::string sent;       // by the board
  int room = kEndless;    // bytes that write takes without a wait
  bool mustWait = false;  // write was called with more than that
  size_t flushed = 0;     // bytes of sent when flush was called

  int available() override { return static_cast<int>(coming.size()); }
  int peek() override { return coming.empty() ? -1 : static_cast<uint8_t>(coming[0]); }
  int read() override {
    int byte = peek();
    if (byte >= 0) coming.erase(0, 1);
    return byte;
  }
#ifndef HOST_DUE
  int availableForWrite() override { return room == kCannotTell ? 0 : room; }
#endif
  size_t write(uint8_t byte) override {
    if (room == 0) mustWait = true;
    if (room > 0) room--;
    sent += static_cast<char>(byte);
    return 1;
  }
  void flush() override { flushed = sent.size(); }
  using Print::write;
};

#endif
