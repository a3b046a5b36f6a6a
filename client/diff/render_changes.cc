#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/diff/icp_diff.h"

namespace bantam {

std::string RenderChanges(const std::vector<IcpChange>& changes, const Style& style, int indent) {
  std::string text;
  const std::string margin(static_cast<size_t>(indent), ' ');
  const std::string* part = nullptr;
  for (const IcpChange& change : changes) {
    if (part == nullptr || *part != change.part) {
      part = &change.part;
      absl::StrAppend(&text, margin, Paint(style, Ink::kBold, *part), "\n");
    }
    const char* mark = "~";
    Ink ink = Ink::kYellow;
    if (change.kind == IcpChange::Kind::kAdded) {
      mark = "+";
      ink = Ink::kGreen;
    } else if (change.kind == IcpChange::Kind::kRemoved) {
      mark = "-";
      ink = Ink::kRed;
    }
    const int width = style.width > 0 ? std::max(style.width - indent - 4, 20) : 0;
    absl::StrAppend(&text, margin, "  ", Paint(style, ink, mark), " ",
                    Wrap(Printable(change.text), width, indent + 4), "\n");
  }
  return text;
}

}  // namespace bantam
