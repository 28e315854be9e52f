#include "cli/find_run.hpp"

#include <optional>
#include <utility>

namespace ebagent::cli {
namespace {

constexpr std::size_t kSearchedRuns = 10'000;  // how far back a shortened id is looked for

}  // namespace

Result<store::Run> find_run(store::Store& store, const std::string& id) {
  BOOST_OUTCOME_TRY(auto exact, store.run_by_id(id));
  if (exact) return std::move(*exact);
  BOOST_OUTCOME_TRY(const auto runs,
                    store.runs({.agent = {}, .event_id = {}, .state = {}, .limit = kSearchedRuns}));
  std::optional<store::Run> found;
  for (const auto& run : runs) {
    if (!run.id.starts_with(id)) continue;
    if (found) return fail(ErrorCode::InvalidArgument, "More than one run's id begins with " + id + ".");
    found = run;
  }
  if (!found)
    return fail(ErrorCode::NotFound, "There is no run " + id + "; `runs list` shows those there are.");
  return std::move(*found);
}

}  // namespace ebagent::cli
