#include "server/store/silent_addresses.h"

#include <algorithm>
#include <cstddef>

namespace bantam {
namespace {

constexpr size_t kMaxAddresses = 64;

// An IPv6 address without the network interface, which libpq does not tell.
std::string WithoutInterface(const std::string& address) {
  return address.substr(0, address.find('%'));
}

}  // namespace

void SilentAddresses::Add(const std::string& address) {
  if (address.empty()) return;
  Remove(address);
  silent_.push_back(WithoutInterface(address));
  if (silent_.size() > kMaxAddresses) silent_.pop_front();
}

void SilentAddresses::Remove(const std::string& address) {
  const auto it = std::find(silent_.begin(), silent_.end(), WithoutInterface(address));
  if (it != silent_.end()) silent_.erase(it);
}

void SilentAddresses::PutLast(std::vector<std::string>* addresses) const {
  // 0: never silent, as far as is known; else the greater the later.
  const auto last_silence = [this](const std::string& address) {
    const auto it = std::find(silent_.begin(), silent_.end(), WithoutInterface(address));
    return it == silent_.end() ? 0 : it - silent_.begin() + 1;
  };
  std::stable_sort(addresses->begin(), addresses->end(),
                   [&](const std::string& a, const std::string& b) {
                     return last_silence(a) < last_silence(b);
                   });
}

}  // namespace bantam
