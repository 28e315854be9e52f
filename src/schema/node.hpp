#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schema/regex.hpp"

namespace ebagent::schema {

// Kinds of JSON values, as bits of a set.
enum Kind : unsigned { Null = 1, Boolean = 2, Object = 4, Array = 8, Text = 16, Integer = 32, Number = 64 };

// How many of something there may be.
struct Count {
  std::size_t least = 0;
  std::optional<std::size_t> most = {};
};

// One subschema, compiled. Others are named by their place among the nodes.
struct Node {
  using Place = std::size_t;

  bool is_never = false;                                        // the schema `false`
  unsigned kinds = 0;                                           // 0: any
  std::optional<std::vector<boost::json::value>> allowed = {};  // enum, const

  std::optional<long double> minimum = {}, maximum = {}, above = {}, below = {}, multiple_of = {};
  Count length = {}, items = {}, members = {};
  std::optional<Regex> pattern = {};

  std::map<std::string, Place, std::less<>> properties = {};
  std::vector<std::pair<Regex, Place>> pattern_properties = {};
  std::optional<Place> other_properties = {}, property_names = {};
  std::vector<std::string> required = {};
  std::map<std::string, std::vector<std::string>> dependent_required = {};
  std::map<std::string, Place> dependent_schemas = {};

  std::vector<Place> first_items = {};
  std::optional<Place> other_items = {}, contains = {};
  Count contained{.least = 1};
  bool is_unique = false;

  std::optional<Place> reference = {}, never = {}, condition = {}, then = {}, otherwise = {};
  std::vector<Place> all = {}, any = {}, one = {};
};

}  // namespace ebagent::schema
