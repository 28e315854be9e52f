#include "event/put_events.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/json.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::event {
namespace {

class PutEvents : public ::testing::Test {
 protected:
  Result<std::vector<PutEventsEntry>> parse(std::string_view body) {
    return parse_put_events(body, {"123456789012", "us-west-2"}, clock_.now(), random_, settings_);
  }
  // The only entry's refusal as "code: message", or "accepted".
  std::string outcome_of(const std::string& entry) {
    const auto outcomes = parse("{\"Entries\":[" + entry + "]}");
    if (!outcomes) return "request: " + outcomes.error().message;
    const auto* refused = std::get_if<RefusedEntry>(&outcomes.value().at(0));
    return refused == nullptr ? "accepted" : refused->error_code + ": " + refused->error_message;
  }
  AcceptedEntry accepted(const std::string& entry) {
    return std::get<AcceptedEntry>(parse("{\"Entries\":[" + entry + "]}").value().at(0));
  }
  std::string outcome_of_detail(std::string_view detail) {
    std::string entry = R"({"Source":"s","DetailType":"t","Detail":)";
    core::append_json_string(entry, detail);
    return outcome_of(entry + '}');
  }

  testing::ManualClock clock_;
  testing::FixedRandom random_;
  PutEventsSettings settings_;
};

TEST_F(PutEvents, MakesACompleteEnvelopeOfAnEntry) {
  const AcceptedEntry entry = accepted(
      R"({"Source":"myapp.orders","DetailType":"Order Placed","Detail":"{\"orderId\": \"test_123\", \"total\": 80.0}",)"
      R"("Resources":["arn:x"],"Time":1769400000})");

  EXPECT_EQ(entry.bus, "default");
  EXPECT_EQ(entry.event.id.size(), 36u);
  EXPECT_EQ(entry.event.id[14], '7');
  EXPECT_EQ(*entry.json,
            R"({"version":"0","id":")" + entry.event.id +
                R"(","detail-type":"Order Placed","source":"myapp.orders","account":"123456789012",)"
                R"("time":"2026-01-26T04:00:00Z","region":"us-west-2","resources":["arn:x"],)"
                R"("detail":{"orderId": "test_123", "total": 80.0}})");
  EXPECT_EQ(*entry.json, to_json(entry.event));
}

TEST_F(PutEvents, GivesEveryEntryAnIdOfItsOwn) {
  const std::string entry = R"({"Source":"s","DetailType":"t","Detail":"{}"})";

  const auto outcomes = parse("{\"Entries\":[" + entry + "," + entry + "," + entry + "]}").value();

  std::set<std::string> ids;
  for (const auto& outcome : outcomes) ids.insert(std::get<AcceptedEntry>(outcome).event.id);
  EXPECT_EQ(ids.size(), 3u);
}

TEST_F(PutEvents, TakesTheTimeOfTheRequestWhenTheEntryNamesNone) {
  EXPECT_EQ(accepted(R"({"Source":"s","DetailType":"t","Detail":"{}"})").event.time, clock_.now());
  EXPECT_EQ(accepted(R"({"Source":"s","DetailType":"t","Detail":"{}","Time":null})").event.time,
            clock_.now());
}

TEST_F(PutEvents, ReadsTheTimeAsSecondsOrAsRfc3339) {
  const std::string head = R"({"Source":"s","DetailType":"t","Detail":"{}","Time":)";
  const auto at = [](long long millis) { return TimePoint{Duration{millis}}; };

  EXPECT_EQ(accepted(head + "0}").event.time, at(0));
  EXPECT_EQ(accepted(head + "-1.5}").event.time, at(-1500));
  EXPECT_EQ(accepted(head + "1.7694E9}").event.time, at(1'769'400'000'000));
  EXPECT_EQ(accepted(head + "1769400000.25}").event.time, at(1'769'400'000'250));
  EXPECT_EQ(accepted(head + "\"2026-01-26T04:00:00Z\"}").event.time, at(1'769'400'000'000));
}

TEST_F(PutEvents, RefusesATimeThatIsNone) {
  const std::string head = R"({"Source":"s","DetailType":"t","Detail":"{}","Time":)";
  const std::string refusal =
      "InvalidArgument: Parameter Time is not valid. Reason: Time must be seconds since 1970 or an RFC 3339 "
      "time.";

  for (const std::string time :
       {"\"soon\"", "true", "[]", "1769400000000", "-1e300", "18446744073709551615"}) {
    EXPECT_EQ(outcome_of(head + time + "}"), refusal) << time;
  }
}

TEST_F(PutEvents, TakesABusByNameOrByArn) {
  const std::string head = R"({"Source":"s","DetailType":"t","Detail":"{}","EventBusName":)";

  EXPECT_EQ(accepted(head + "\"orders\"}").bus, "orders");
  EXPECT_EQ(accepted(head + "\"arn:aws:events:us-east-1:123456789012:event-bus/orders\"}").bus, "orders");
  EXPECT_EQ(
      outcome_of(head + "\"no spaces\"}"),
      "request: 1 validation error detected: Value 'no spaces' at 'entries.1.member.eventBusName' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: "
      "(arn:aws[\\w-]*:events:[a-z]{2}-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[\\.\\-_A-Za-z0-9]+");
  EXPECT_EQ(
      outcome_of(head + "\"\"}"),
      "request: 1 validation error detected: Value '' at 'entries.1.member.eventBusName' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1");
}

TEST_F(PutEvents, AcceptsATraceHeader) {
  EXPECT_EQ(outcome_of(R"({"Source":"s","DetailType":"t","Detail":"{}","TraceHeader":"Root=1-2-3"})"),
            "accepted");
}

TEST_F(PutEvents, SaysWhichArgumentIsMissingInAwssOrder) {
  const std::string source =
      "InvalidArgument: Parameter Source is not valid. Reason: Source is a required argument.";

  EXPECT_EQ(outcome_of("{}"), source);
  EXPECT_EQ(outcome_of(R"({"Source":"","DetailType":"t","Detail":"{}"})"), source);
  EXPECT_EQ(outcome_of(R"({"Source":null,"DetailType":"t","Detail":"{}"})"), source);
  EXPECT_EQ(outcome_of(R"({"Source":"s"})"),
            "InvalidArgument: Parameter DetailType is not valid. Reason: DetailType is a required argument.");
  EXPECT_EQ(outcome_of(R"({"Source":"s","DetailType":"t"})"),
            "InvalidArgument: Parameter Detail is not valid. Reason: Detail is a required argument.");
}

TEST_F(PutEvents, CallsADetailThatIsNoJsonObjectMalformed) {
  for (const std::string_view detail :
       {"[]", "\"text\"", "1", "null", "{", "{} x", "not json", "{'a':1}", " "}) {
    EXPECT_EQ(outcome_of_detail(detail), "MalformedDetail: Detail is malformed.") << detail;
  }
}

TEST_F(PutEvents, SaysWhatIsWrongWithADetailThatIsNearlyJson) {
  EXPECT_EQ(outcome_of_detail(R"({"a":1,"a":2})"),
            "MalformedDetail: Detail is malformed. Reason: the key \"a\" comes twice in one object.");
  EXPECT_EQ(outcome_of_detail("{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}"),
            "MalformedDetail: Detail is malformed. Reason: it is nested deeper than 128 levels.");
  EXPECT_EQ(
      outcome_of_detail(R"({"a":"\ud800"})"),
      "MalformedDetail: Detail is malformed. Reason: a string has an escape sequence that stands for no "
      "character.");
}

TEST_F(PutEvents, KeepsHugeNumbersAsTheyWereWritten) {
  const std::string detail = R"({\"a\":1e400,\"b\":123456789012345678901234567890,\"c\":0.10})";

  const auto entry = accepted(R"({"Source":"s","DetailType":"t","Detail":")" + detail + "\"}");

  EXPECT_EQ(entry.event.detail, R"({"a":1e400,"b":123456789012345678901234567890,"c":0.10})");
}

TEST_F(PutEvents, LetsGoodEntriesPassBesideBadOnes) {
  const auto outcomes = parse(
      R"({"Entries":[{"Source":"s","DetailType":"t","Detail":"{}"},{"Source":"s"},{"Source":"s","DetailType":"t","Detail":"[]"}]})");

  ASSERT_EQ(outcomes.value().size(), 3u);
  EXPECT_TRUE(std::holds_alternative<AcceptedEntry>(outcomes.value()[0]));
  EXPECT_EQ(std::get<RefusedEntry>(outcomes.value()[1]).error_code, "InvalidArgument");
  EXPECT_EQ(std::get<RefusedEntry>(outcomes.value()[2]).error_code, "MalformedDetail");
}

TEST_F(PutEvents, AllowsSourcesOfAwsUnlessTheSettingSaysNo) {
  const std::string entry = R"({"Source":"aws.s3","DetailType":"t","Detail":"{}"})";
  EXPECT_EQ(outcome_of(entry), "accepted");

  settings_.allow_aws_sources = false;

  EXPECT_EQ(outcome_of(entry), "NotAuthorizedForSourceException: Not authorized for the source.");
}

TEST_F(PutEvents, NeedsOneToTenEntries) {
  const std::string entry = R"({"Source":"s","DetailType":"t","Detail":"{}"})";
  std::string eleven = entry;
  for (int i = 0; i < 10; ++i) eleven += "," + entry;

  EXPECT_EQ(
      parse("{\"Entries\":[" + eleven + "]}").error(),
      (Error{ErrorCode::InvalidArgument,
             "1 validation error detected: Value '[11 entries]' at 'entries' failed to satisfy constraint: "
             "Member must have length less than or equal to 10"}));
  EXPECT_EQ(
      parse(R"({"Entries":[]})").error().message,
      "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have "
      "length greater than or equal to 1");
  EXPECT_EQ(
      parse("{}").error().message,
      "1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member must not be "
      "null");
}

TEST_F(PutEvents, CountsTheSizeOfAllEntriesAsAwsDoes) {
  // 1 + 1 + 2 bytes of texts, 14 for the time, 3 of a resource, in each of two entries.
  const std::string entry = R"({"Source":"s","DetailType":"t","Detail":"{}","Time":0,"Resources":["abc"]})";
  const std::string body = "{\"Entries\":[" + entry + "," + entry + "]}";
  settings_.max_total_bytes = 42;
  EXPECT_TRUE(parse(body));

  settings_.max_total_bytes = 41;

  EXPECT_EQ(parse(body).error(), (Error{ErrorCode::InvalidArgument,
                                        "Total size of the entries in the request is over the limit."}));
}

TEST_F(PutEvents, CallsMembersOfTheWrongTypeMalformed) {
  const auto message = [&](std::string_view body) {
    const auto outcomes = parse(body);
    return outcomes                                        ? "accepted"
           : outcomes.error().code == ErrorCode::Malformed ? outcomes.error().message
                                                           : "other";
  };

  EXPECT_EQ(message("[]"), "The body must be an object, not a list.");
  EXPECT_EQ(message(R"({"Entries":{}})"), "Entries must be a list, not an object.");
  EXPECT_EQ(message(R"({"Entries":["x"]})"), "Entries[0] must be an object, not a string.");
  EXPECT_EQ(message(R"({"Entries":[{},{"Source":5}]})"), "Entries[1].Source must be a string, not a number.");
  EXPECT_EQ(message(R"({"Entries":[{"Detail":{}}]})"), "Entries[0].Detail must be a string, not an object.");
  EXPECT_EQ(message(R"({"Entries":[{"Resources":"x"}]})"),
            "Entries[0].Resources must be a list, not a string.");
  EXPECT_EQ(message(R"({"Entries":[{"Resources":[true]}]})"),
            "Entries[0].Resources[] must be a string, not a boolean.");
}

TEST_F(PutEvents, SurvivesEveryCutAndEveryFlippedByteOfABody) {
  const std::string body =
      R"({"Entries":[{"Source":"s","DetailType":"t","Detail":"{\"a\":[1,2.5e3,\"x\\u00e9\"]}","Time":12.5,"Resources":["r"]}]})";

  for (std::size_t cut = 0; cut < body.size(); ++cut) EXPECT_FALSE(parse(body.substr(0, cut))) << cut;
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (const char with : std::string("\0\"{]\\,0\x80\xff", 9)) {
      std::string changed = body;
      changed[at] = with;
      (void)parse(changed);
    }
  }
  EXPECT_TRUE(parse(body));
}

}  // namespace
}  // namespace ebagent::event
