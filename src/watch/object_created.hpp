#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent::watch {

// A file that has been written into a watched folder, as the object it stands for.
struct ObjectCreated {
  std::string bucket;
  std::string key;         // path below the folder, with '/' between its parts
  std::uint64_t size = 0;  // bytes
  std::string etag;        // MD5 of the content, hexadecimal, as S3 has it for objects put in one part
  std::string
      sequencer;   // grows with every version of the object: modification time in hexadecimal nanoseconds
  TimePoint time;  // when the file was last modified
};

// Describes the file `dir`/`key`. NotFound when it is gone or is no regular file, Io when it cannot be read.
[[nodiscard]] Result<ObjectCreated> describe_object(const std::string& bucket,
                                                    const std::filesystem::path& dir, const std::string& key);

// The event that S3 sends for it. Its id is a function of bucket, key and version, so that the same version
// of a file found twice is one event. Source:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
[[nodiscard]] Event to_event(const ObjectCreated& object, const std::string& account,
                             const std::string& region);

}  // namespace ebagent::watch
