#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "fuzz/choices.hpp"

namespace ebagent::pattern {

// Draws valid patterns and events. They come from few names and values, and most fields of a pattern are aimed at a
// leaf of an event drawn before, so that many match and many just do not.
class Draw {
 public:
  explicit Draw(Choices& choices) : choices_(choices) {}

  [[nodiscard]] boost::json::object event();
  [[nodiscard]] boost::json::object pattern();

 private:
  struct Leaf {
    std::vector<std::string> path;
    boost::json::value value;
  };

  [[nodiscard]] boost::json::string name();
  [[nodiscard]] std::string text();
  [[nodiscard]] boost::json::value number();
  [[nodiscard]] boost::json::value scalar();

  [[nodiscard]] boost::json::value value(int depth);
  [[nodiscard]] boost::json::object object(int depth);

  void collect_leaves(const boost::json::value& value, std::vector<std::string>& path,
                      std::vector<Leaf>& out);

  // `aims_at` has the leaves of an event when the object stands at the root of the pattern, else it is null.
  [[nodiscard]] boost::json::object pattern_object(int depth, const std::vector<Leaf>* aims_at);
  [[nodiscard]] boost::json::array alternatives(int depth, const std::vector<Leaf>* aims_at);
  void add_aimed(const std::vector<Leaf>& leaves, boost::json::object& out);
  [[nodiscard]] boost::json::value aimed_at(const boost::json::value& leaf);
  [[nodiscard]] boost::json::value aimed_at_text(const std::string& text);
  [[nodiscard]] boost::json::value aimed_at_number(double number);
  [[nodiscard]] boost::json::array wanted();
  [[nodiscard]] boost::json::value operation();
  [[nodiscard]] boost::json::array numeric_terms();
  [[nodiscard]] boost::json::array range(double bottom, double top);
  [[nodiscard]] std::string wildcard();
  [[nodiscard]] std::string address_block();
  [[nodiscard]] boost::json::value anything_but();
  // What `one` draws, or a list of that.
  template <class One>
  [[nodiscard]] boost::json::value one_or_list(One one);

  Choices& choices_;
  std::size_t room_ = 0;                   // values that may still be put into the event
  std::vector<std::vector<Leaf>> events_;  // the leaves of each event drawn so far
};

}  // namespace ebagent::pattern
