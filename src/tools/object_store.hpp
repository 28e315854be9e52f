#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::tools {

// What a bucket knows about one object without its bytes.
struct ObjectSummary {
  std::string key;
  std::uint64_t size = 0;  // bytes
  std::string etag;        // MD5 of the bytes in hexadecimal, as S3 gives for an object put in one part
  TimePoint modified;
};

// Takes the next bytes of an object; an error ends the reading and comes back from read().
using ByteSink = std::function<Result<void>(std::string_view)>;

// Buckets with objects, as Amazon S3 has them. Buckets are made by whoever runs the store, not by agents.
// Names that cannot be a bucket or a key give InvalidArgument; what does not exist gives NotFound.
// Thread safety: every member may be called from any thread.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  [[nodiscard]] virtual Result<ObjectSummary> head(std::string_view bucket, std::string_view key) = 0;

  // Streams the object through `sink` in pieces; returns what was read, its etag taken from these very bytes.
  [[nodiscard]] virtual Result<ObjectSummary> read(std::string_view bucket, std::string_view key,
                                                   const ByteSink& sink) = 0;

  // Stores `bytes` under the key, all or nothing; a reader sees the old object or the new one.
  [[nodiscard]] virtual Result<ObjectSummary> put(std::string_view bucket, std::string_view key,
                                                  std::string_view bytes) = 0;

  // The objects whose keys begin with `prefix`, by key, at most `limit`; their etags are left empty.
  [[nodiscard]] virtual Result<std::vector<ObjectSummary>> list(std::string_view bucket,
                                                                std::string_view prefix,
                                                                std::size_t limit) = 0;
};

// The whole object as one string; LimitExceeded when it has more than `max_bytes`.
[[nodiscard]] Result<std::string> get_object(ObjectStore& store, std::string_view bucket,
                                             std::string_view key, std::size_t max_bytes);

}  // namespace ebagent::tools
