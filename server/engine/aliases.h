// Words that rules name, and the other spellings that leads may use for them.
#ifndef BANTAM_SERVER_ENGINE_ALIASES_H_
#define BANTAM_SERVER_ENGINE_ALIASES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp.pb.h"
#include "google/protobuf/repeated_field.h"
#include "server/engine/text_table.h"

namespace bantam {

// Aliases of one attribute's values. Immutable once filled; then safe for concurrent use.
class AliasTable {
 public:
  // `value` is what the tests name; `alias` another spelling of it.
  void Add(absl::string_view alias, absl::string_view value);

  // Makes look-ups cheaper; see TextTable.
  void Spread() { spellings_.Spread(); }

  // The value that `text` stands for, if it is an alias; else `text` itself.
  absl::string_view Resolve(absl::string_view text) const;

  // The number of the alias that a text is, from 0 in the order of addition; below 0: it is none.
  int Find(absl::string_view text) const { return spellings_.FindFolded(text); }

  // How many aliases there are, and what one stands for.
  int size() const { return spellings_.size(); }
  absl::string_view value(int alias) const { return entries_[alias].value; }

  // Whether any alias stands for `value`.
  bool StandsFor(absl::string_view value) const;

 private:
  friend class WordTable;

  struct Entry {
    std::string alias;  // Folded.
    std::string value;
  };

  TextTable spellings_;         // Folded.
  std::vector<Entry> entries_;  // By the number of the spelling.
};

// By attribute path.
using AliasTables = absl::flat_hash_map<std::string, AliasTable>;

// The tables of an ICP.
AliasTables MakeAliasTables(const google::protobuf::RepeatedPtrField<v1::AliasTable>& definitions);

// The words that a rule names, numbered 0, 1, 2 …, found by every spelling of them: in upper or
// lower case, and by the attribute's aliases, which are resolved when the table is made. Immutable;
// safe for concurrent use.
class WordTable {
 public:
  // No words.
  WordTable() = default;

  // `aliases` may be null: there are none.
  WordTable(const google::protobuf::RepeatedPtrField<std::string>& words,
            const AliasTable* aliases);

  // The number of the word that `text` stands for after its alias was resolved, once; -1: none;
  // kNoText: it is empty or white space.
  static constexpr int kNoText = TextTable::kNoText;
  int Find(absl::string_view text) const { return spellings_.FindFolded(text); }

  // How many different words there are.
  int size() const { return spellings_.numbers(); }

 private:
  TextTable spellings_;  // Folded; numbered as their words.
};

// The words that several rules name, as bits of a set: a lead's list is looked up once for all of
// them. Immutable; safe for concurrent use.
class WordBits {
 public:
  using Texts = google::protobuf::RepeatedPtrField<std::string>;

  // No words.
  WordBits() = default;

  // `aliases` may be null: there are none. Has no words if there are more than bits.
  WordBits(const Texts& words, const AliasTable* aliases);

  bool empty() const { return numbers_.size() == 0; }

  // The bits of some of the words.
  uint64_t Of(const Texts& words) const;

  // The bits of the words that texts of a lead stand for.
  uint64_t In(const Texts& texts) const;

 private:
  TextTable numbers_;  // Of the words, folded.
  WordTable words_;    // Numbered alike.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ALIASES_H_
