#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/dead_letter_report.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRedriven = 1'000'000;  // dead letters that --all takes in one call

}  // namespace

int run_dlq_list(const DlqListOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto letters = store.value()->dead_letters(options.limit);
  if (!letters) return report(letters.error());

  if (options.output == Output::Json) {
    json::array list;
    for (const auto& letter : letters.value()) list.push_back(to_json(letter));
    std::cout << core::write_json(json::object{{"dead_letters", std::move(list)}}) << '\n';
    return kOk;
  }
  if (letters.value().empty()) {
    std::cout << "The dead-letter queue is empty.\n";
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& letter : letters.value()) {
    rows.push_back({std::to_string(letter.seq), harmless(letter.event_id), harmless(letter.route.target_arn),
                    std::to_string(letter.attempts), core::format_utc_seconds(letter.died),
                    harmless(letter.error_code + ": " + letter.error_message)});
  }
  print_table(std::cout, {"ID", "EVENT", "TARGET", "ATTEMPTS", "DIED", "REASON"}, rows);
  return kOk;
}

int run_dlq_show(const DlqShowOptions& options) {
  auto store = store::sqlite::open_read_only(options.data);
  if (!store) return report(store.error());
  const auto letter = store.value()->dead_letter(options.id);
  if (!letter) return report(letter.error());
  if (!letter.value()) {
    return report({ErrorCode::NotFound, "There is no dead letter " + std::to_string(options.id) +
                                            "; `dlq list` shows those there are."});
  }
  json::object object = to_json(*letter.value());
  object["event"] = event_of(*letter.value());
  if (letter.value()->input) object["input"] = *letter.value()->input;
  std::cout << (options.output == Output::Json ? core::write_json(object)
                                               : harmless(core::write_json_pretty(object)))
            << '\n';
  return kOk;
}

int run_dlq_redrive(const DlqRedriveOptions& options) {
  auto store = store::sqlite::open_beside_owner(options.data);
  if (!store) return report(store.error());
  std::vector<std::int64_t> ids = options.ids;
  if (options.all) {
    const auto letters = store.value()->dead_letters(kMostRedriven);
    if (!letters) return report(letters.error());
    for (const auto& letter : letters.value()) ids.push_back(letter.seq);
  }
  const SystemClock clock;
  ProgressLine progress;
  json::array redriven;
  for (const std::int64_t id : ids) {
    if (const auto done = store.value()->redrive(id, clock.now()); !done) return report(done.error());
    redriven.emplace_back(id);
    progress.show("redriven " + std::to_string(redriven.size()) + " of " + std::to_string(ids.size()));
  }
  if (options.output == Output::Json) {
    std::cout << core::write_json(json::object{{"redriven", std::move(redriven)}}) << '\n';
  } else {
    std::cout << "Redriven: " << redriven.size()
              << ". A running server delivers them within a second, others when they start.\n";
  }
  return kOk;
}

}  // namespace ebagent::cli
