#ifndef BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
#define BANTAM_SERVER_ENGINE_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {

// Numbers texts 0, 1, 2 …: filled while an ICP is compiled, then asked many times. A look-up costs
// a few dozen instructions: a hash made of whole words, and a comparison of two words, which are
// all of a text of at most 16 bytes. Immutable once filled; then safe for concurrent use.
class TextTable {
 public:
  // The number of `text`, which is added if it is new.
  int Add(absl::string_view text);

  // The number of `text`; -1: it was not added.
  int Find(absl::string_view text) const;

  bool Contains(absl::string_view text) const { return Find(text) >= 0; }

  // How many texts there are.
  int size() const { return static_cast<int>(texts_.size()); }

 private:
  struct Key {
    uint64_t first;  // The first eight bytes …
    uint64_t last;   // … and the last; 0 if there are no more than eight.
    size_t size;
  };

  struct Slot {
    Key key;
    int32_t number = -1;  // Of the text; -1: free.
  };

  static Key KeyOf(absl::string_view text);
  static size_t HashOf(const Key& key);
  void Insert(const Key& key, int32_t number);

  std::vector<std::string> texts_;  // By number.
  std::vector<Slot> slots_;         // Open addressing; a power of two, at least twice the texts.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_TABLE_H_
