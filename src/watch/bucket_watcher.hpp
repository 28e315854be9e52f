#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ebagent/result.hpp"
#include "watch/object_created.hpp"

namespace ebagent::watch {

// A folder that stands for an S3 bucket.
struct WatchedBucket {
  std::string name;
  std::filesystem::path dir;
};

enum class ExistingFiles { Ignore, Report };

// Turns files put into folders into objects created: a file is reported once it has been closed after
// writing, or moved in, at any depth. Hidden files and folders (a leading '.') are left out: editors and copy
// tools use them for work in progress. When the kernel's queue overflows the folders are read again, so no
// file is missed; a version of a file may then be reported twice, which its event id makes harmless. Thread
// safety: the callback runs on the watcher's own thread, one call at a time.
class BucketWatcher {
 public:
  using OnObject = std::function<void(const ObjectCreated&)>;
  using OnProblem = std::function<void(const Error&)>;

  // Begins to watch. NotFound when a folder does not exist, Io when the kernel refuses (its limit of
  // watches).
  static Result<std::unique_ptr<BucketWatcher>> start(std::vector<WatchedBucket> buckets,
                                                      ExistingFiles existing, OnObject on_object,
                                                      OnProblem on_problem);
  // Ends the thread; no callback runs afterwards.
  virtual ~BucketWatcher() = default;
};

}  // namespace ebagent::watch
