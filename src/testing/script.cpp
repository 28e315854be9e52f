#include <boost/json/serialize.hpp>
#include <mutex>
#include <utility>

#include "core/json.hpp"
#include "ebagent/testing.hpp"

namespace ebagent::testing {
namespace {

ScriptedTurn failure(ErrorCode code, std::string message, int times) {
  return {.turn = {}, .failure = Error{code, std::move(message)}, .times = times};
}

}  // namespace

ScriptedTurn answers(std::string text) {
  return {.turn = {.text = std::move(text)}};
}

ScriptedTurn calls(std::string tool, boost::json::object input) {
  return calls(std::vector<ToolCall>{{.tool = std::move(tool), .input = std::move(input)}});
}

ScriptedTurn calls(std::vector<ToolCall> all) {
  return {.turn = {.calls = std::move(all), .end = TurnEnd::ToolCalls}};
}

ScriptedTurn broken_arguments(std::string tool, std::string text) {
  return calls(std::vector<ToolCall>{
      {.tool = std::move(tool), .input = boost::json::object{}, .malformed = std::move(text)}});
}

ScriptedTurn refuses(std::string text) {
  return {.turn = {.text = std::move(text), .end = TurnEnd::Refusal}};
}

ScriptedTurn cut_at_token_limit(std::string text) {
  return {.turn = {.text = std::move(text), .end = TurnEnd::MaxTokens}};
}

ScriptedTurn overloaded(int times) {
  return failure(ErrorCode::Overloaded, "The scripted service throttles.", times);
}

ScriptedTurn unavailable(int times) {
  return failure(ErrorCode::Unavailable, "The scripted service's stream broke off.", times);
}

ScriptedTurn times_out(int times) {
  return failure(ErrorCode::TimedOut, "The scripted service did not answer in time.", times);
}

class ScriptedModel::State {
 public:
  explicit State(std::vector<ScriptedTurn> turns) : turns_(std::move(turns)) {}

  Result<Turn> next(const Conversation& conversation) {
    const std::scoped_lock lock{mutex_};
    remember(conversation);
    while (next_ < turns_.size() && given_ >= turns_[next_].times) {
      ++next_;
      given_ = 0;
    }
    if (next_ == turns_.size()) {
      return ebagent::fail(ErrorCode::InvalidArgument,
                           "The script has no turn left; it has " + std::to_string(turns_.size()) + ".");
    }
    ++given_;
    const ScriptedTurn& turn = turns_[next_];
    if (turn.failure) return ebagent::fail(*turn.failure);
    return turn.turn;
  }

  [[nodiscard]] Result<void> check() const {
    const std::scoped_lock lock{mutex_};
    std::size_t left = turns_.size() - next_;
    if (left > 0 && given_ >= turns_[next_].times) --left;
    if (left == 0) return success();
    return ebagent::fail(ErrorCode::Conflict,
                         std::to_string(left) + " turns of the script were not asked for.");
  }

  [[nodiscard]] std::vector<std::string> told() const {
    const std::scoped_lock lock{mutex_};
    return told_;
  }

 private:
  void remember(const Conversation& conversation) {
    told_.clear();
    for (const Exchange& exchange : conversation.exchanges) {
      for (const auto& outcome : exchange.outcomes) {
        told_.push_back(outcome ? core::write_json(outcome.value()) : "error: " + outcome.error().message);
      }
    }
  }

  mutable std::mutex mutex_;  // guards what follows
  std::vector<ScriptedTurn> turns_;
  std::size_t next_ = 0;
  int given_ = 0;  // how often turns_[next_] was
  std::vector<std::string> told_;
};

ScriptedModel::ScriptedModel(std::vector<ScriptedTurn> turns)
    : state_(std::make_unique<State>(std::move(turns))) {}

ScriptedModel::~ScriptedModel() = default;

Result<Turn> ScriptedModel::next(const Conversation& conversation, const TurnRequest& request) const {
  auto turn = state_->next(conversation);
  if (turn && request.on_text && !turn.value().text.empty()) request.on_text(turn.value().text);
  return turn;
}

Result<void> ScriptedModel::check() const {
  return state_->check();
}

std::vector<std::string> ScriptedModel::told() const {
  return state_->told();
}

}  // namespace ebagent::testing
