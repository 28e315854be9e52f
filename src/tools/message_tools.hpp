#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/outbox.hpp"

namespace ebagent::tools {

// send_notification (as Amazon SNS) and send_email (as Amazon SES); idempotent by the call's key.
[[nodiscard]] std::vector<Tool> message_tools(std::shared_ptr<Outbox> outbox);

}  // namespace ebagent::tools
