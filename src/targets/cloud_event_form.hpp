#pragma once

#include <string>

#include "ebagent/result.hpp"
#include "http/client.hpp"
#include "store/store.hpp"

namespace ebagent::targets {

// How a delivery is put into an HTTP request: as it is, or as CloudEvents 1.0 in one of its two modes. Source:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
enum class CloudEventForm { None, Binary, Structured };

struct HttpMessage {
  http::Headers headers;
  std::string body;
};

// The envelope becomes attributes (detail-type the type, a single resource the subject, account and region the extensions
// awsaccount and awsregion); the data is the detail, or what the target has instead of the event. Errors: Malformed when
// the stored event cannot be read.
[[nodiscard]] Result<HttpMessage> formed(const store::Delivery& delivery, CloudEventForm form);

}  // namespace ebagent::targets
