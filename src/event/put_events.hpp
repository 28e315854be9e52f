#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.hpp"
#include "ebagent/event.hpp"

namespace ebagent::event {

// Who puts the events: every event made for them carries these.
struct Sender {
  std::string account;
  std::string region;
};

// What a deployment may change about PutEvents.
struct PutEventsSettings {
  // All entries of one request together, counted as EventBridge counts: 14 bytes if Time is set, plus the
  // bytes of Source, DetailType, Detail and Resources. The default is AWS's since January 2026 (256 KiB
  // before).
  std::size_t max_total_bytes = 1024 * 1024;
  // AWS refuses sources that begin with "aws." from everyone but its own services, entry by entry with
  // NotAuthorizedForSourceException. Here they are allowed by default: sending the events that AWS would send
  // is what a local bus is for.
  bool allow_aws_sources = true;
};

// An entry that became an event.
struct AcceptedEntry {
  std::string bus = "default";  // a name, also when the entry gave an ARN
  std::string bus_arn;          // that ARN; empty for a bus of the sender's own
  Event event;
  std::shared_ptr<const std::string> json;  // the finished envelope
};

// An entry that did not, with the words its caller reads.
struct RefusedEntry {
  std::string error_code;
  std::string error_message;

  bool operator==(const RefusedEntry&) const = default;
};

using PutEventsEntry = std::variant<AcceptedEntry, RefusedEntry>;

// Reads the body of a PutEvents request. Returns one outcome for every entry, in order; ids are UUIDv7 of
// `now`, which is also the time of entries that name none. Returns Malformed (SerializationException on the
// wire) for a body that is not JSON or a member of the wrong type, InvalidArgument (ValidationException) when
// the request as a whole breaks a limit; the messages are AWS's. Thread safety: any thread. Source:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
[[nodiscard]] Result<std::vector<PutEventsEntry>> parse_put_events(std::string_view body,
                                                                   const Sender& sender, TimePoint now,
                                                                   core::Random& random,
                                                                   const PutEventsSettings& settings = {});

// "default" of "arn:aws:events:us-east-1:000000000000:event-bus/default"; a plain name as it is.
[[nodiscard]] std::string_view bus_name(std::string_view name_or_arn);

}  // namespace ebagent::event
