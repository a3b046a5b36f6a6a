#ifndef BANTAM_TESTS_CLIENT_WATCH_PROCESS_H_
#define BANTAM_TESTS_CLIENT_WATCH_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace bantam {

// The lines of a text, without empty ones.
std::vector<std::string> Lines(const std::string& text);

// `bantam watch` in the background. It is killed at the end, if it still runs.
class Watch {
 public:
  // Starts it with these arguments.
  explicit Watch(const std::vector<std::string>& arguments);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // What it has written so far.
  std::string out() const;
  std::string err() const;

  // Waits until `condition` holds. False: not within a minute.
  static bool WaitUntil(const std::function<bool()>& condition);

  // Waits for so many lines of out().
  bool WaitForLines(size_t count) const;

  // Sends a signal (0: none) and waits for the end; the exit code, -1: it was killed.
  int End(int signal);

 private:
  const std::string out_;
  const std::string err_;
  pid_t process_ = -1;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_WATCH_PROCESS_H_
