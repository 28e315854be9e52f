#pragma once

#include <string_view>

// The regular expressions of the service model that inputs are held against, each as a function that reads
// its text once: no backtracking, whatever the input.
namespace ebagent::server::aws_api {

[[nodiscard]] bool is_resource_name(std::string_view text);  // [\.\-_A-Za-z0-9]+
[[nodiscard]] bool is_bus_name(std::string_view text);       // [/\.\-_A-Za-z0-9]+
[[nodiscard]] bool is_bus_name_or_arn(
    std::string_view text);                                   // the same, an event bus's ARN before it or not
[[nodiscard]] bool is_input_path_key(std::string_view text);  // [A-Za-z0-9\_\-]+
[[nodiscard]] bool is_header_name(std::string_view text);     // an HTTP token
[[nodiscard]] bool is_header_value(std::string_view text);    // visible ASCII, with blanks between
[[nodiscard]] bool is_path_parameter(std::string_view text);  // not blank
[[nodiscard]] bool is_query_name(std::string_view text);      // no control characters
[[nodiscard]] bool is_query_value(std::string_view text);     // no control characters but line ends
[[nodiscard]] bool is_pipeline_parameter(std::string_view text);  // ^[a-zA-Z0-9](-*[a-zA-Z0-9])*$

[[nodiscard]] bool is_kms_key(std::string_view text);       // ^[a-zA-Z0-9_\-/:]*$
[[nodiscard]] bool is_principal(std::string_view text);     // (\d{12}|\*)
[[nodiscard]] bool is_statement_id(std::string_view text);  // [a-zA-Z0-9-_]+
[[nodiscard]] bool is_bus_action(std::string_view text);    // events:[a-zA-Z]+

// ^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$
[[nodiscard]] bool is_auth_header_parameter(std::string_view text);
// ^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$
[[nodiscard]] bool is_endpoint(std::string_view text);
// ^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$
[[nodiscard]] bool is_connection_arn(std::string_view text);
// ^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$
[[nodiscard]] bool is_events_arn(std::string_view text);

}  // namespace ebagent::server::aws_api
