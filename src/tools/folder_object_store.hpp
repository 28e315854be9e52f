#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/object_store.hpp"

namespace ebagent::tools {

// A folder standing in for S3: every bucket is a sub folder of `root` (or a folder of its own), every object
// a plain file under it. No key reaches outside its bucket: `.`, `..`, empty parts and NUL are refused by
// name, and each part of the path is opened without following symbolic links, so a link placed in the folder
// is refused too.
class FolderObjectStore final : public ObjectStore {
 public:
  // `elsewhere` maps names of buckets that live outside `root` to their folders.
  explicit FolderObjectStore(std::filesystem::path root,
                             std::map<std::string, std::filesystem::path> elsewhere = {});

  // Makes the bucket's folder when it is not there.
  [[nodiscard]] Result<void> create_bucket(std::string_view bucket);

  [[nodiscard]] Result<ObjectSummary> head(std::string_view bucket, std::string_view key) override;
  [[nodiscard]] Result<ObjectSummary> read(std::string_view bucket, std::string_view key,
                                           const ByteSink& sink) override;
  [[nodiscard]] Result<ObjectSummary> put(std::string_view bucket, std::string_view key,
                                          std::string_view bytes) override;
  [[nodiscard]] Result<std::vector<ObjectSummary>> list(std::string_view bucket, std::string_view prefix,
                                                        std::size_t limit) override;

 private:
  [[nodiscard]] Result<std::filesystem::path> folder_of(std::string_view bucket) const;

  const std::filesystem::path root_;
  const std::map<std::string, std::filesystem::path> elsewhere_;
};

}  // namespace ebagent::tools
