#include "models/cassette.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "core/json_difference.hpp"
#include "models/turn_record.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownDifferences = 6;      // of a request that was not recorded
constexpr std::size_t kCountedDifferences = 200;  // when the nearest is looked for
constexpr std::size_t kShownLeftOver = 5;

std::size_t exchanges_of(const json::object& request) {
  const json::value* since = request.if_contains("since");
  return since != nullptr && since->is_array() ? since->get_array().size() : 0;
}

std::string absent_or(const std::string& text) {
  return text.empty() ? "nothing" : text;
}

std::string difference_text(const json::object& recorded, const json::object& now) {
  std::string text;
  const auto all = core::differences(recorded, now, kCountedDifferences);
  for (std::size_t i = 0; i < std::min(all.size(), kShownDifferences); ++i) {
    text += "\n  " + all[i].pointer + "\n    recorded " + absent_or(all[i].before) + "\n    now      " +
            absent_or(all[i].after);
  }
  if (all.size() > kShownDifferences) {
    text += "\n  and " + std::to_string(all.size() - kShownDifferences) + " more";
  }
  return text;
}

std::string what_it_says(const json::value& record) {
  auto turn = turn_from_record(record);
  if (!turn) return "(unreadable)";
  if (turn.value().calls.empty()) return "the answer \"" + turn.value().text.substr(0, 60) + "\"";
  std::string text = "a call of";
  for (const ToolCall& call : turn.value().calls) text += " " + call.tool;
  return text;
}

}  // namespace

Cassette::Cassette(std::string name, CassetteContent content, Redact redact)
    : name_(std::move(name)), redact_(std::move(redact)), content_(std::move(content)) {
  for (const RecordedTurn& turn : content_.turns) {
    played_.push_back({.key = turn.request ? key_of(*turn.request) : std::string{}});
  }
}

Result<std::shared_ptr<Cassette>> Cassette::open(const std::filesystem::path& file, Redact redact) {
  auto content = read_cassette(file);
  if (!content && content.error().code == ErrorCode::NotFound) {
    return fail(ErrorCode::NotFound,
                "There is no cassette " + file.string() + "; record one with EBAGENT_CASSETTE_MODE=record.");
  }
  if (!content) return fail(content.error());
  return std::make_shared<Cassette>(file.string(), std::move(content).assume_value(), std::move(redact));
}

Result<std::shared_ptr<Cassette>> Cassette::open_to_record(const std::filesystem::path& file,
                                                           std::string agent, std::string model,
                                                           Redact redact) {
  auto content = read_cassette(file);
  if (!content && content.error().code == ErrorCode::NotFound) content = CassetteContent{};
  if (!content) return fail(content.error());
  CassetteContent& there = content.value();
  if (!agent.empty()) there.agent = std::move(agent);
  if (!model.empty()) there.model = std::move(model);
  auto cassette = std::make_shared<Cassette>(file.string(), std::move(there), std::move(redact));
  cassette->file_ = file;
  return cassette;
}

std::optional<std::size_t> Cassette::find(const std::string& key) const {
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < played_.size(); ++i) {
    if (played_[i].key != key) continue;
    if (!played_[i].was_played) return i;
    last = i;
  }
  return last;
}

Result<Turn> Cassette::play(const Conversation& conversation) {
  const CanonicalRequest request = canonical_request(conversation, redact_);
  const std::scoped_lock lock{mutex_};
  auto found = find(key_of(request.value));
  if (!found) {
    const auto free = std::find_if(played_.begin(), played_.end(),
                                   [](const Played& turn) { return turn.key.empty() && !turn.was_played; });
    if (free == played_.end()) return fail(miss(request.value));
    found = static_cast<std::size_t>(free - played_.begin());
  }
  played_[*found].was_played = true;
  return turn_from_record(request.aliases.reveal(content_.turns[*found].turn));
}

Error Cassette::miss(const json::object& request) const {
  std::string text = "The cassette " + name_ + " has no turn for this request.";
  const RecordedTurn* nearest = nullptr;
  std::pair<std::size_t, std::size_t> least;
  for (const RecordedTurn& turn : content_.turns) {
    if (!turn.request) continue;
    // One that is as far into its run tells more than one that merely differs in fewer places.
    const std::size_t here = exchanges_of(request), there = exchanges_of(*turn.request);
    const std::pair distance{here > there ? here - there : there - here,
                             core::differences(*turn.request, request, kCountedDifferences).size()};
    if (nearest != nullptr && distance >= least) continue;
    least = distance;
    nearest = &turn;
  }
  if (nearest == nullptr) {
    text += content_.turns.empty() ? " It is empty." : " All its turns were played.";
  } else {
    const auto number = nearest - content_.turns.data() + 1;
    text += " The nearest is that of turn " + std::to_string(number) + " (" + what_it_says(nearest->turn) +
            "), which differs in:" + difference_text(*nearest->request, request);
  }
  return {ErrorCode::NotFound, text + "\nRecord it anew with EBAGENT_CASSETTE_MODE=record if that is meant."};
}

void Cassette::forget(const std::string& key) {
  for (std::size_t i = played_.size(); i-- > 0;) {
    if (played_[i].key != key || played_[i].is_new) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    content_.turns.erase(content_.turns.begin() + at);
    played_.erase(played_.begin() + at);
  }
}

Result<void> Cassette::record(const Conversation& conversation, const Turn& turn) {
  CanonicalRequest request = canonical_request(conversation, redact_);
  json::value record = request.aliases.hide_known(to_record(turn));
  if (redact_) record = redact_(std::move(record));
  const std::string key = key_of(request.value);
  const std::scoped_lock lock{mutex_};
  forget(key);
  if (content_.turns.size() >= CassetteContent::kMaxTurns) {
    return fail(ErrorCode::LimitExceeded, "The cassette " + name_ + " is full: it has " +
                                              std::to_string(CassetteContent::kMaxTurns) + " turns.");
  }
  content_.turns.push_back({.request = std::move(request.value), .turn = std::move(record)});
  played_.push_back({.key = key, .was_played = true, .is_new = true});
  return file_.empty() ? success() : write_cassette(file_, content_);
}

Result<void> Cassette::check() const {
  const std::scoped_lock lock{mutex_};
  std::string left;
  std::size_t count = 0;
  for (std::size_t i = 0; i < played_.size(); ++i) {
    if (played_[i].was_played) continue;
    if (++count <= kShownLeftOver) {
      left += "\n  turn " + std::to_string(i + 1) + ": " + what_it_says(content_.turns[i].turn);
    }
  }
  if (count == 0) return success();
  if (count > kShownLeftOver) left += "\n  and " + std::to_string(count - kShownLeftOver) + " more";
  return fail(ErrorCode::Conflict, "The cassette " + name_ + " has turns that were not asked for:" + left);
}

CassetteContent Cassette::content() const {
  const std::scoped_lock lock{mutex_};
  return content_;
}

CassetteModel::CassetteModel(CassetteMode mode, std::shared_ptr<Cassette> cassette,
                             std::shared_ptr<const Model> behind)
    : mode_(mode), cassette_(std::move(cassette)), behind_(std::move(behind)) {}

Result<Turn> CassetteModel::next(const Conversation& conversation, const TurnRequest& request) const {
  if (mode_ == CassetteMode::Replay) {
    auto turn = cassette_->play(conversation);
    if (turn && request.on_text && !turn.value().text.empty()) request.on_text(turn.value().text);
    return turn;
  }
  BOOST_OUTCOME_TRY(auto turn, behind_->next(conversation, request));
  if (mode_ == CassetteMode::Record) {
    BOOST_OUTCOME_TRYV(cassette_->record(conversation, turn));
  }
  return turn;
}

std::string_view CassetteModel::name() const {
  if (behind_ != nullptr) return behind_->name();
  return cassette_->model().empty() ? std::string_view("cassette") : cassette_->model();
}

Result<CassetteMode> cassette_mode_of(std::string_view word) {
  if (word == "live") return CassetteMode::Live;
  if (word == "record") return CassetteMode::Record;
  if (word == "replay") return CassetteMode::Replay;
  return fail(ErrorCode::InvalidArgument,
              "\"" + std::string(word) + "\" is no mode of a cassette; there are live, record and replay.");
}

Result<std::shared_ptr<const Model>> with_cassette(std::shared_ptr<const Model> model,
                                                   const CassetteSettings& settings,
                                                   std::string_view override_mode, Redact redact) {
  if (settings.file.empty()) return model;
  CassetteMode mode = settings.mode;
  if (!override_mode.empty()) {
    BOOST_OUTCOME_TRY(mode, cassette_mode_of(override_mode));
  }
  if (mode == CassetteMode::Live) return model;
  if (mode == CassetteMode::Record) {
    BOOST_OUTCOME_TRY(auto cassette, Cassette::open_to_record(settings.file, "", std::string(model->name()),
                                                              std::move(redact)));
    return std::make_shared<const CassetteModel>(mode, std::move(cassette), std::move(model));
  }
  BOOST_OUTCOME_TRY(auto cassette, Cassette::open(settings.file, std::move(redact)));
  return std::make_shared<const CassetteModel>(mode, std::move(cassette), std::move(model));
}

}  // namespace ebagent::models
