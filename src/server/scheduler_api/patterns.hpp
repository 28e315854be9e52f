#pragma once

#include <string_view>

// The regular expressions of Scheduler's service model, each as a function that reads its text once.
namespace ebagent::server::scheduler_api {

[[nodiscard]] bool is_name(std::string_view text);           // ^[0-9a-zA-Z-_.]+$
[[nodiscard]] bool is_client_token(std::string_view text);   // ^[a-zA-Z0-9-_]+$
[[nodiscard]] bool is_pipeline_name(std::string_view text);  // ^[A-Za-z0-9\-_]*$
// ^arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$
[[nodiscard]] bool is_kms_key_arn(std::string_view text);
// ^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+$
[[nodiscard]] bool is_role_arn(std::string_view text);
// ^arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+$
[[nodiscard]] bool is_queue_arn(std::string_view text);
// ^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+$
[[nodiscard]] bool is_group_arn(std::string_view text);
// Source's: begins with a letter, digit or one of /.-_, not with "aws."; or is a JSON path.
[[nodiscard]] bool is_source(std::string_view text);

}  // namespace ebagent::server::scheduler_api
