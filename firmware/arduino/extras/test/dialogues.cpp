// The library plays dialogues from stdin, so that twin_test.go can compare it with the
// simulator's board. Each line is the bytes to the board of one dialogue, in hex; the
// answer is a line for each event, in hex, and an empty one.
#include <iostream>

#include "Board.h"

static std::string fromHex(const std::string& digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

static void printHex(const std::string& bytes) {
  static const char digits[] = "0123456789abcdef";
  for (unsigned char byte : bytes) std::cout << digits[byte >> 4] << digits[byte & 15];
  std::cout << '\n';
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    Board board;
    board.work();
    board.take();
    for (char byte : fromHex(line)) {
      board.port.coming += byte;
      board.work();
    }
    for (const std::string& event : board.take()) printHex(event);
    std::cout << '\n';
  }
}
