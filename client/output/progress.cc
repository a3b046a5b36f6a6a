#include "client/output/progress.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

std::string WithCommas(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(i, ",");
  return digits;
}

std::string RoundedTime(double seconds) {
  const auto whole = static_cast<int64_t>(std::ceil(seconds));
  if (whole < 90) return absl::StrCat(whole, " s");
  if (whole < 5400) return absl::StrCat((whole + 30) / 60, " min");
  return absl::StrCat((whole + 1800) / 3600, " h");
}

}  // namespace

std::string DescribeProgress(int64_t done, int64_t expected, absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string text = WithCommas(done);
  // The expectation is an estimate from the number of lines.
  if (expected >= done) absl::StrAppend(&text, " of ", WithCommas(expected));
  absl::StrAppend(&text, " leads, ", WithCommas(static_cast<int64_t>(rate)), "/s");
  if (expected >= done && rate > 0) {
    absl::StrAppend(&text, ", ", RoundedTime(static_cast<double>(expected - done) / rate), " left");
  }
  return text;
}

Progress::Progress(std::ostream* output, int64_t expected, std::function<absl::Time()> clock)
    : output_(output),
      expected_(expected),
      clock_(std::move(clock)),
      start_(clock_()),
      next_draw_(start_ + absl::Seconds(1)) {}

Progress::~Progress() {
  if (drawn_) *output_ << "\r\x1b[K" << std::flush;
}

void Progress::Add(int64_t done) {
  done_ += done;
  if (output_ == nullptr) return;
  const absl::Time now = clock_();
  if (now < next_draw_) return;
  next_draw_ = now + absl::Milliseconds(100);
  drawn_ = true;
  *output_ << "\r\x1b[K" << DescribeProgress(done_, expected_, now - start_) << std::flush;
}

}  // namespace bantam
