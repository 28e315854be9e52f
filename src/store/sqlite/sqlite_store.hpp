#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

struct Options {
  // How many deliveries this process may have in hand, handed out and not yet marked or rescheduled, before
  // accepted ones are left for lease_due: bounds the memory of a server whose targets are slower than its
  // callers.
  std::size_t max_ready = 10'000;
  // The database file may not grow past this; 0 for no limit. Writes beyond it fail as on a full disk.
  std::uint64_t max_file_bytes = 0;
};

// Opens the store of a data directory (its file events.db) as its owner, making both when they are missing.
// Deliveries that an earlier owner had in hand are free again. Errors: Conflict when another process owns the
// directory; Unsupported when a newer version of this program made the store; Io when it is damaged, no
// store, or may not be read and written.
Result<std::unique_ptr<Store>> open(const std::filesystem::path& data_dir, Options options = {});

// A store that lives and ends with the object.
Result<std::unique_ptr<Store>> open_memory(Options options = {});

// Opens an existing store to look into it, also while its owner writes. Whatever writes fails with Conflict.
// Errors: as open(), and NotFound when there is no store in the directory.
Result<std::unique_ptr<Store>> open_read_only(const std::filesystem::path& data_dir);

// The same, but redrive() works too: the owner, if one runs, finds the delivery with its next lease_due.
Result<std::unique_ptr<Store>> open_beside_owner(const std::filesystem::path& data_dir);

}  // namespace ebagent::store::sqlite
