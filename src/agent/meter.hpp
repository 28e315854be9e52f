#pragma once

#include <map>
#include <optional>
#include <string>

#include "ebagent/agent.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"

namespace ebagent::agent {

// What a run has used up so far, held against its agent's limits. A resumed run counts what is in its journal as it walks
// through it. The members that count throw Stopped with the limit's name once it is passed.
class Meter {
 public:
  Meter(const std::string& agent, const Limits& limits, std::optional<Price> price = std::nullopt)
      : agent_(agent), limits_(limits), price_(price) {}

  void begin_turn();
  void count(const Usage& usage);
  // Throws as soon as the tokens or the money of the turns so far are too much for another turn or call.
  void check_spent() const;
  void count_call();
  // Of a call that is to be made: `arguments` as JSON text.
  void count_same(const std::string& tool, const std::string& arguments);

  [[nodiscard]] int turns() const { return turns_; }
  [[nodiscard]] const Usage& usage() const { return usage_; }
  // Absent when the model has no price.
  [[nodiscard]] std::optional<double> cost_usd() const;

 private:
  [[noreturn]] void stop(std::string_view reason, const std::string& limit) const;

  const std::string& agent_;
  const Limits& limits_;
  const std::optional<Price> price_;
  int turns_ = 0;
  int calls_ = 0;
  Usage usage_;
  std::map<std::string, int> same_calls_;
};

// What tokens cost at a price.
[[nodiscard]] double cost_usd(const Usage& usage, const Price& price);

}  // namespace ebagent::agent
