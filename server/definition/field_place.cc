#include "server/definition/field_place.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/definition/source_text.h"

namespace bantam {
namespace {

bool IsBracket(const FieldPlace& place) { return absl::StartsWith(place.segment, "["); }

}  // namespace

std::string FieldPlace::Path() const {
  std::vector<const FieldPlace*> places;
  for (const FieldPlace* place = this; place->parent != nullptr; place = place->parent) {
    if (!place->implied) places.push_back(place);
  }
  std::string path;
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    absl::StrAppend(&path, path.empty() || IsBracket(**place) ? "" : ".", (*place)->segment);
  }
  return path;
}

std::string FieldPlace::Label() const {
  std::string label;
  for (const FieldPlace* place = this; place->parent != nullptr; place = place->parent) {
    if (place->implied) continue;
    label = absl::StrCat(place->segment, label);
    if (!IsBracket(*place)) break;
  }
  return label.empty() ? "the document" : Quoted(label);
}

std::string LabelOf(absl::string_view path) {
  size_t start = 0;
  bool in_brackets = false;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[') in_brackets = true;
    if (path[i] == ']') in_brackets = false;
    if (path[i] == '.' && !in_brackets) start = i + 1;
  }
  return path.empty() ? "the document" : Quoted(path.substr(start));
}

}  // namespace bantam
