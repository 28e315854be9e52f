#include "models/playbook.hpp"

#include <algorithm>
#include <set>

#include "core/json.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNameLength = 64;  // as the names of tool calls that other models make

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Error at_entry(const std::string& entry, std::string_view part, const Error& error) {
  return {ErrorCode::InvalidArgument,
          "Playbook entry \"" + entry + "\": its " + std::string(part) + ": " + error.message};
}

Result<std::optional<pattern::Pattern>> compile_condition(const std::string& when) {
  if (when.empty()) return std::optional<pattern::Pattern>{};
  BOOST_OUTCOME_TRY(auto compiled, pattern::compile(when));
  return std::optional<pattern::Pattern>(std::move(compiled));
}

// Plain text with placeholders as a template of one JSON string.
Result<transform::Template> compile_text(const std::string& text) {
  std::string quoted;
  core::append_json_string(quoted, text);
  return transform::Template::compile_inline(quoted);
}

// What conditions and templates look at.
Result<json::value> scope_of(const Conversation& conversation) {
  const std::string event_json = to_json(conversation.event);
  BOOST_OUTCOME_TRY(auto event, core::parse_json(event_json));
  auto input =
      conversation.input == event_json ? Result<json::value>{event} : core::parse_json(conversation.input);
  json::object steps;
  for (const Exchange& exchange : conversation.exchanges) {
    const Result<json::value>& outcome = exchange.outcomes.at(0);
    json::object step;
    if (outcome) {
      step["output"] = outcome.value();
    } else {
      step["error"] = outcome.error().message;
    }
    steps[exchange.turn.calls.at(0).name] = std::move(step);
  }
  return json::object{{"event", std::move(event)},
                      {"input", input ? std::move(input).assume_value() : json::value(conversation.input)},
                      {"steps", std::move(steps)}};
}

}  // namespace

// What conditions are held against: the scope's JSON text, made for the first that wants it.
class PlaybookModel::ScopeText {
 public:
  explicit ScopeText(const json::value& scope) : scope_(scope) {}

  Result<bool> matches(const std::optional<pattern::Pattern>& when) {
    if (!when) return true;
    if (text_.empty()) text_ = core::write_json(scope_);
    return pattern::matches(*when, text_);
  }

 private:
  const json::value& scope_;
  std::string text_;
};

Result<std::unique_ptr<const Model>> PlaybookModel::make(const Playbook& playbook) {
  std::unique_ptr<PlaybookModel> model(new PlaybookModel);
  std::set<std::string> names;
  for (const PlaybookEntry& entry : playbook.calls) {
    if (!is_name(entry.name)) {
      return fail(ErrorCode::InvalidArgument,
                  "\"" + entry.name + "\" is no name for a playbook entry: 1 to 64 letters, digits, _ or -.");
    }
    if (!names.insert(entry.name).second) {
      return fail(ErrorCode::InvalidArgument, "The playbook has two entries named \"" + entry.name + "\".");
    }
    auto when = compile_condition(entry.when);
    if (!when) return fail(at_entry(entry.name, "condition", when.error()));
    auto input = transform::Template::compile_inline(entry.input.empty() ? "{}" : entry.input);
    if (!input) return fail(at_entry(entry.name, "input", input.error()));
    model->entries_.push_back(
        {entry.name, entry.tool, std::move(when).value(), std::move(input).value(), entry.on_error});
  }
  for (const PlaybookAnswer& answer : playbook.respond) {
    auto when = compile_condition(answer.when);
    if (!when) return fail(ErrorCode::InvalidArgument, "The condition of an answer: " + when.error().message);
    auto text = compile_text(answer.text);
    if (!text) return fail(ErrorCode::InvalidArgument, "The text of an answer: " + text.error().message);
    model->answers_.push_back({std::move(when).value(), std::move(text).value()});
  }
  return std::unique_ptr<const Model>(std::move(model));
}

std::size_t PlaybookModel::position(const Conversation& conversation) const {
  if (conversation.exchanges.empty()) return 0;
  const std::string& last = conversation.exchanges.back().turn.calls.at(0).name;
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == last; });
  return found == entries_.end() ? entries_.size() : std::size_t(found - entries_.begin()) + 1;
}

Result<Turn> PlaybookModel::next(const Conversation& conversation, const TurnRequest& /*request*/) const {
  BOOST_OUTCOME_TRY(auto scope, scope_of(conversation));
  ScopeText text{scope};
  for (std::size_t i = position(conversation); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    auto wanted = text.matches(entry.when);
    if (!wanted) return fail(at_entry(entry.name, "condition", wanted.error()));
    if (!wanted.value()) continue;
    auto input = entry.input.evaluate(scope);
    if (!input) return fail(at_entry(entry.name, "input", input.error()));
    return Turn{.calls = {{.name = entry.name,
                           .tool = entry.tool,
                           .input = std::move(input).value(),
                           .on_error = entry.on_error}},
                .end = TurnEnd::ToolCalls};
  }
  return answer(conversation, scope, text);
}

Result<Turn> PlaybookModel::answer(const Conversation& conversation, const json::value& scope,
                                   ScopeText& text) const {
  for (const Answer& candidate : answers_) {
    BOOST_OUTCOME_TRY(const bool wanted, text.matches(candidate.when));
    if (!wanted) continue;
    BOOST_OUTCOME_TRY(auto answer, candidate.text.evaluate(scope));
    return Turn{.text = std::string(answer.as_string())};
  }
  std::string done;
  for (const Exchange& exchange : conversation.exchanges) {
    done += (done.empty() ? "Done: " : ", ") + exchange.turn.calls.at(0).name +
            (exchange.outcomes.at(0) ? "" : " (failed)");
  }
  return Turn{.text = done.empty() ? "Nothing to do." : done + "."};
}

}  // namespace ebagent::models
