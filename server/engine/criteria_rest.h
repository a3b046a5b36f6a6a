// What compiled tests hold that do not test words: for criteria.cc and criteria_compile.cc alone.
#ifndef BANTAM_SERVER_ENGINE_CRITERIA_REST_H_
#define BANTAM_SERVER_ENGINE_CRITERIA_REST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "server/engine/bands.h"
#include "server/engine/criteria.h"
#include "server/engine/text_pattern.h"

namespace bantam {

struct CompiledTest::Rest {
  // The most usual first, a band or a range in this very place.
  const CurrencyTable* currencies = nullptr;
  absl::Span<const CompiledBand> bands;            // bands; range has one …
  absl::InlinedVector<CompiledBand, 1> own_bands;  // … and where they are.
  Instant time;                                    // before, after.
  TimeSpan span;                                   // within_last, within_next.
  const WordBits* technologies = nullptr;          // contains_*, where they are shared …
  uint64_t bits = 0;                               // … and those it names.
  int custom_number = -1;                          // As the environment numbers it …
  std::string custom_name;                         // … its name, without "custom.".
  std::vector<CompiledTest> children;              // Of a composition.
  std::unique_ptr<TextPattern> pattern;            // matches.
  const AliasTable* aliases = nullptr;             // Null: none for this attribute.
  std::vector<bool> aliases_matched;               // matches: what it gives for each alias.
  std::string custom_path;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CRITERIA_REST_H_
