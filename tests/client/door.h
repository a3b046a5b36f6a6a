#ifndef BANTAM_TESTS_CLIENT_DOOR_H_
#define BANTAM_TESTS_CLIENT_DOOR_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace bantam {

// A port of this machine that takes connections, for tests of how clients connect.
class Door {
 public:
  // What becomes of a connection.
  enum class Fate {
    kTurnedAway,  // It is closed at once.
    kIgnored,     // Nothing comes from it.
    kHandedOver,  // Somebody else owns its socket now.
  };

  // `judge` is called with the number of each connection, from 1, and its socket, on a thread of
  // this, which ends before what `judge` refers to.
  explicit Door(std::function<Fate(int number, int socket)> judge);
  ~Door();

  // "127.0.0.1:port".
  const std::string& address() const { return address_; }

  // How many connections have come.
  int connections() const { return connections_; }

 private:
  void Work();

  const int socket_;
  const std::function<Fate(int number, int socket)> judge_;
  std::atomic<int> connections_{0};
  std::vector<int> ignored_;  // Of the thread.
  std::string address_;
  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_DOOR_H_
