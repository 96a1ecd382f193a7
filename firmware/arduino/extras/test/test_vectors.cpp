// The library plays the board in each dialogue of vectors.txt. The gateway's tests read
// the same file.
#include <fstream>
#include <memory>
#include <sstream>

#include "Board.h"
#include "check.h"

static std::string unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n':
        plain += '\n';
        break;
      case 'r':
        plain += '\r';
        break;
      default:
        plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
    }
  }
  return plain;
}

// Prints readings such as temperature=23.50,light=511, each value as a text.
static void prints(Board& board, const std::string& pairs) {
  std::stringstream all(pairs);
  board.gateway.beginLine();
  for (std::string pair; std::getline(all, pair, ',');) {
    size_t equals = pair.find('=');
    board.gateway.add(pair.substr(0, equals).c_str(), pair.substr(equals + 1).c_str());
  }
  CHECK(board.gateway.endLine());
}

// Player plays the dialogues in turn.
struct Player {
  std::unique_ptr<Board> board;
  std::vector<std::string> happened;  // and not yet expected
  int expected = 0;
  bool skipping = false;

  void boot() {
    board.reset();
    board.reset(new Board);
  }
  void settle(const std::string& place) {
    if (happened.empty()) return;
    fail("vectors.txt", std::stoi(place), "before this: " + happened.front());
  }
  void act(const std::string& place, const std::string& word, const std::string& text) {
    settle(place);
    if (word == "boot") boot();
    if (word == "to") board->port.coming += unescape(text) + "\n";
    if (word == "raw") board->port.coming += unescape(text);
    if (word == "prints") prints(*board, text);
    board->work();
    happened = board->take();
  }
  void title(const std::string& place, const std::string& text) {
    if (!skipping) settle(place);
    skipping = text.compare(0, 8, "gateway:") == 0;
    boot();
    board->work();
    board->take();
    happened.clear();
  }
  void expect(const std::string& place, const std::string& line) {
    std::string next = happened.empty() ? "nothing" : happened.front();
    if (next != unescape(line)) {
      fail("vectors.txt", std::stoi(place), "the board: " + next + "\n   wanted: " + line);
    }
    happened.erase(happened.begin());
    expected++;
  }
  void play(const std::string& place, const std::string& line) {
    std::string word = line.substr(0, line.find(' '));
    std::string text = word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (word == "==") return title(place, text);
    if (skipping || line.empty() || line[0] == '#' || word == "means") return;
    if (word == "from" || word == "runs") return expect(place, line);
    act(place, word, text);
  }
};

TEST(every_dialogue) {
  std::ifstream file("vectors.txt");
  Player player;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    player.play(std::to_string(++number), line);
  }
  CHECK(player.expected > 100);
}

RUN_TESTS
