// Uses the matcher alone, without agents, store or server: links ebagent_pattern only.
//   match-rules RULES.jsonl <EVENTS.jsonl      a rule is {"name": .., "pattern": "<JSON text>"}
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "ebagent/pattern.hpp"

using namespace ebagent::pattern;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: match-rules RULES.jsonl <EVENTS.jsonl\n";
    return 2;
  }
  std::ifstream file{argv[1]};
  if (!file) {
    std::cerr << "cannot read " << argv[1] << '\n';
    return 2;
  }
  std::vector<std::string> names;
  std::vector<std::pair<RuleId, Pattern>> compiled;
  for (std::string line; std::getline(file, line);) {
    const auto rule = boost::json::parse(line);
    const std::string name{rule.at("name").as_string()};
    auto pattern = compile(rule.at("pattern").as_string());
    if (!pattern) {
      std::cerr << name << ": " << pattern.error().message << '\n';
      return 1;
    }
    compiled.emplace_back(names.size(), std::move(pattern).value());
    names.push_back(name);
  }
  RuleSet rules;
  rules.add_all(compiled);

  Scratch scratch;  // one a thread; its buffers are reused from event to event
  for (std::string event; std::getline(std::cin, event);) {
    const auto matched = rules.match(event, scratch);
    if (!matched) {
      std::cout << "refused: " << matched.error().message << '\n';
      continue;
    }
    for (const RuleId id : matched.value()) std::cout << names[id] << ' ';
    std::cout << '\n';
  }
}
