#pragma once

#include <filesystem>
#include <memory>

#include "ebagent/result.hpp"

namespace ebagent::store::sqlite {

// Exclusive ownership of a data directory, kept as a lock on its file `lock` and given back when this object
// or the process ends, however it ends. Leases rest on it: only one process hands out the deliveries of a
// store.
class OwnerLock {
 public:
  // Conflict, naming the directory and the process, when another one owns it; Io when the file cannot be
  // made.
  static Result<std::unique_ptr<OwnerLock>> take(const std::filesystem::path& directory);
  ~OwnerLock();
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

 private:
  explicit OwnerLock(int file) : file_(file) {}
  const int file_;
};

}  // namespace ebagent::store::sqlite
