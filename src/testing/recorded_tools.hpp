#pragma once

#include <boost/json/value.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "ebagent/testing.hpp"

namespace ebagent::testing {

// A call and what came of it.
struct RecordedCall {
  std::string tool = {};
  boost::json::value input = nullptr;
  boost::json::value output = nullptr;
  std::string error = {};  // as journals have it: "NotFound: There is no bucket."; empty: it succeeded
};

// The calls of a journal.
[[nodiscard]] std::vector<RecordedCall> recorded_calls(const std::vector<StageStep>& journal);

// What a call is told that was never made.
enum class UnknownCall {
  Fails,    // an error: the run went another way than the recorded one
  StandsIn  // {"shadow": "not executed"}: what would have happened, nobody knows
};

// Answers calls from a record instead of making them: the same tool with the same arguments gets what it got, one after the
// other, and the last of them again. Thread safety: answer() may be called from several threads.
class RecordedTools {
 public:
  RecordedTools(std::vector<RecordedCall> calls, UnknownCall unknown);

  [[nodiscard]] Result<boost::json::value> answer(std::string_view tool, const boost::json::value& arguments);
  // Calls that the record does not have, in the order in which they came.
  [[nodiscard]] std::vector<RecordedCall> unknown() const;

 private:
  struct Kept {
    RecordedCall call;
    std::string arguments;  // with sorted members
    bool was_given = false;
  };

  const UnknownCall on_unknown_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Kept> calls_;
  std::vector<RecordedCall> unknown_;
};

}  // namespace ebagent::testing
