#ifndef BANTAM_SERVER_STORE_SILENT_ADDRESSES_H_
#define BANTAM_SERVER_STORE_SILENT_ADDRESSES_H_

#include <deque>
#include <string>
#include <vector>

namespace bantam {

// Remembers which addresses did not answer, so that the others of the same name are tried first.
// A look-up may tell the addresses in another order each time; counting on would not do. Belongs to
// one thread.
class SilentAddresses {
 public:
  // Takes note that an address was tried in vain for as long as an attempt may take. Beyond 64
  // addresses, the one that was silent the longest time ago is forgotten. Empty: does nothing.
  void Add(const std::string& address);

  // Takes note that an address has answered.
  void Remove(const std::string& address);

  // Puts those that were silent behind the others, the one that was so the longest time ago first.
  // Apart from that the order stays.
  void PutLast(std::vector<std::string>* addresses) const;

 private:
  std::deque<std::string> silent_;  // The longest ago in front; each once.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_SILENT_ADDRESSES_H_
