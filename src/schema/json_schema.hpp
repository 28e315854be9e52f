#pragma once

#include <boost/json/value.hpp>
#include <memory>

#include "ebagent/detail/decode.hpp"
#include "ebagent/result.hpp"

namespace ebagent::schema {

// What becomes of a schema that says something this program cannot check: unevaluatedProperties, unevaluatedItems, dynamic
// references, patterns with look-around.
enum class Unchecked {
  Refuse,
  PassOver,  // for schemas of others who check what they get themselves
};

struct Node;

// A JSON schema that values are checked against: drafts 4 to 2020-12 as far as they describe one document. `format` is an
// annotation, references lead into the schema itself and nowhere else. A value that shares what was compiled; safe to use
// from any thread.
// Bounds: kMaxNodes and kMaxDepth of the schema, kMaxDepth and kMaxSteps of a check, those of Regex.
// Source: https://json-schema.org/draft/2020-12
class Schema {
 public:
  static constexpr std::size_t kMaxNodes = 10'000;  // subschemas; tools have dozens
  static constexpr int kMaxDepth = 128;             // of nesting, references followed included
  static constexpr std::size_t kMaxSteps =
      200'000;  // of one check; alternatives within alternatives multiply

  // InvalidArgument with a JSON pointer into the schema for what is no schema, LimitExceeded past a bound, Unsupported for
  // a reference elsewhere and, unless passed over, for what cannot be checked.
  [[nodiscard]] static Result<Schema> compile(const boost::json::value& schema,
                                              Unchecked unchecked = Unchecked::Refuse);

  // Adds what is wrong with the value to `problems`.
  void check(const boost::json::value& value, detail::Problems& problems) const;
  // InvalidArgument lists every problem with its JSON pointer.
  [[nodiscard]] Result<void> check(const boost::json::value& value) const;

 private:
  using Nodes = std::vector<Node>;
  explicit Schema(std::shared_ptr<const Nodes> nodes) : nodes_(std::move(nodes)) {}

  std::shared_ptr<const Nodes> nodes_;  // the first is the whole schema
};

}  // namespace ebagent::schema
