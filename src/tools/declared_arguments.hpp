#pragma once

#include <yaml-cpp/yaml.h>

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "agent/yaml_reader.hpp"
#include "ebagent/result.hpp"

namespace ebagent::tools {

// The closed JSON schema of the `arguments` of a declared tool: a mapping of names to what they are.
//
//   arguments:
//     title: {type: string, description: One line, max_length: 200}
//     priority: {type: string, enum: [low, high], default: low}      # with a default it may be left out
//     labels: {type: array, items: {type: string}, max_items: 5, required: false}
//     count: integer                                                 # short for {type: integer}
//
// Keys: type, description, required, default, enum, pattern, min_length, max_length, minimum, maximum, items, min_items,
// max_items, properties (of an object: the same again).
[[nodiscard]] Result<boost::json::object> read_arguments(const YAML::Node& node,
                                                         const agent::YamlReader& yaml);

// The names of an object schema's properties.
[[nodiscard]] std::vector<std::string> argument_names(const boost::json::value& schema);

// The arguments with the defaults of the schema for those that are not given.
[[nodiscard]] boost::json::value with_defaults(boost::json::value arguments,
                                               const boost::json::value& schema);

}  // namespace ebagent::tools
