#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/model.hpp"

// A conversation as every wire format needs it: calls with ids and names that services take, their results as text, and each
// call answered whatever became of it.
namespace ebagent::models {

struct PastCall {
  std::string id;
  std::string name;
  const boost::json::object* input;  // an empty one where the model's was none
  std::string result;
  bool is_error;
};

struct PastTurn {
  std::string text;  // empty when it is blank
  std::vector<PastCall> calls;
  // What the same provider wants back word for word; null when text and calls say it all.
  const boost::json::array* content;
  std::string feedback;  // empty when it is blank
};

// `provider` chooses the contents that are given back.
[[nodiscard]] std::vector<PastTurn> past_turns(const Conversation& conversation, std::string_view provider);

// The tools that a request declares: those of the conversation or, when it has none any more, those that were called, since
// services refuse calls in the history of a request without tools.
[[nodiscard]] std::vector<ToolView> declared_tools(const Conversation& conversation);

// Adds content blocks of a role; those of one role go into one message, since roles alternate.
void append(boost::json::array& messages, std::string_view role, boost::json::array blocks);

// The first message: the task and, apart from it, what is not to be trusted. At least one of them has text.
struct Opening {
  std::string task;
  std::string data;
};
[[nodiscard]] Opening opening_of(const Conversation& conversation);

[[nodiscard]] bool is_blank(std::string_view text);

// Fills Turn::content: whose it is, and its blocks. Not in a turn that was refused or did not fit.
void keep_content(Turn& turn, std::string_view provider, boost::json::array blocks);

// A call as a service sent it. Arguments are an object, or any other value: then they are malformed.
void add_call(Turn& turn, std::string id, std::string name, boost::json::value arguments);

// The arguments that a text stands for: its value when that is an object, an empty object for no text, the text itself (a
// string) when it is broken.
[[nodiscard]] boost::json::value arguments_of(std::string_view text);

// Makes end and calls agree: of a turn that was refused or did not fit no call counts; of one that was cut the last call does
// not when its arguments are not whole. Returns how many calls were taken off the end.
std::size_t settle(Turn& turn);

}  // namespace ebagent::models
