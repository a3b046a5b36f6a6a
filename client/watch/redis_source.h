#ifndef BANTAM_CLIENT_WATCH_REDIS_SOURCE_H_
#define BANTAM_CLIENT_WATCH_REDIS_SOURCE_H_

#include <memory>
#include <string>

#include "client/watch/decision_source.h"
#include "client/watch/redis_client.h"
#include "client/watch/redis_target.h"

namespace bantam {

// Follows a stream of Redis. A connection that is lost is made again, and nothing is missed unless
// the stream's cap took it away meanwhile.
class RedisSource : public DecisionSource {
 public:
  // `after`: the id of the entry to begin after, such as "0" or "1790000000123-0"; empty: the last
  // one there is.
  RedisSource(RedisTarget target, std::string stream, std::string after)
      : target_(std::move(target)), stream_(std::move(stream)), after_(std::move(after)) {}

  // UNAVAILABLE, UNAUTHENTICATED: no connection at first; FAILED_PRECONDITION: there is no such
  // stream to be read, or `after` is no id.
  absl::Status Follow(const TakeLine& take, const IsOver& is_over, const Note& note) override;

 private:
  // Says so if there is no stream yet: one of another name would be waited for in vain.
  void NoteIfMissing(const IsOver& is_over, const Note& note);

  // An error that Redis answered, with its address.
  absl::Status Refused(const absl::Status& why) const;

  // Finds out which entry is the last one.
  absl::Status FindEnd(const DecisionSource::IsOver& is_over);

  // Reads on until the connection is lost, or (OK) it is over.
  absl::Status ReadOn(const TakeLine& take, const IsOver& is_over);

  const RedisTarget target_;
  const std::string stream_;
  std::string after_;
  std::unique_ptr<RedisClient> client_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_REDIS_SOURCE_H_
