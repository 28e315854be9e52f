#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::models {

// One turn of a cassette. Without a request it is given to whoever asks when no turn was recorded for just that request:
// so are turns that people write.
struct RecordedTurn {
  std::optional<boost::json::object> request = {};  // as canonical_request() makes it
  boost::json::value turn = {};                     // as to_record() makes it, ids replaced by their aliases
};

// What a cassette's file holds. A format of this program, for people to read and to edit:
//   {"format": "eventbridge-agent cassette", "version": 1, "agent": ..., "model": ..., "turns": [
//     {"request": {"instructions", "task", "data", "tools", "since": []}, "turn": {...}},
//     {"request": {"after": 1, "since": [...]}, "turn": {...}}]}
// `after` is the number of an earlier turn of the cassette, from 1, whose request this one goes on from; it is then told only
// what happened since that.
struct CassetteContent {
  static constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kMaxTurns = 10'000;

  std::string agent = {};
  std::string model = {};
  std::vector<RecordedTurn> turns = {};
};

// Malformed with the JSON pointer of what is wrong.
[[nodiscard]] Result<CassetteContent> cassette_from_json(const boost::json::value& value);
[[nodiscard]] boost::json::value to_json(const CassetteContent& content);

// Errors name the file: NotFound, Io, LimitExceeded, Malformed.
[[nodiscard]] Result<CassetteContent> read_cassette(const std::filesystem::path& file);
[[nodiscard]] Result<void> write_cassette(const std::filesystem::path& file, const CassetteContent& content);

}  // namespace ebagent::models
