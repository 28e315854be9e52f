"""boto3 against the server: every operation that is offered, and errors as SDKs see them."""
import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-west-2:123456789012:function:eventbridge-agent"
EVENT = {"id": "1", "source": "a", "detail-type": "b", "account": "1", "time": "2026-01-26T16:00:00Z", "region": "us-west-2",
         "resources": [], "detail": {"x": 1}}


@pytest.fixture
def client(server):
    return server.client()


def error_of(call):
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"], caught.value.response["ResponseMetadata"]


def test_a_rule_lives_its_life(client):
    made = client.put_rule(Name="orders", EventPattern='{"source":["myapp"]}', Description="Orders", State="DISABLED")
    assert made["RuleArn"] == "arn:aws:events:us-west-2:000000000000:rule/orders"
    assert client.describe_rule(Name="orders")["State"] == "DISABLED"
    client.enable_rule(Name="orders")
    assert client.describe_rule(Name="orders")["State"] == "ENABLED"
    client.disable_rule(Name="orders")
    client.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": ARN, "Input": '{"a":1}', "RetryPolicy": {"MaximumRetryAttempts": 3}}])
    assert client.list_targets_by_rule(Rule="orders")["Targets"] == [
        {"Id": "1", "Arn": ARN, "Input": '{"a":1}', "RetryPolicy": {"MaximumRetryAttempts": 3}}]
    assert client.list_rule_names_by_target(TargetArn=ARN)["RuleNames"] == ["orders"]
    assert error_of(lambda: client.delete_rule(Name="orders"))[:2] == ("ValidationException", "Rule can't be deleted since it has targets.")
    assert client.remove_targets(Rule="orders", Ids=["1"])["FailedEntryCount"] == 0
    client.delete_rule(Name="orders")
    assert client.list_rules()["Rules"] == []


def test_lists_are_paged(client):
    for number in range(25):
        client.put_rule(Name=f"rule-{number:02}", EventPattern='{"source":["myapp"]}')

    names, token = [], {}
    while True:
        page = client.list_rules(Limit=10, NamePrefix="rule-", **token)
        names += [rule["Name"] for rule in page["Rules"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert names == [f"rule-{number:02}" for number in range(25)]


def test_the_default_bus_is_there(client):
    buses = client.list_event_buses()["EventBuses"]

    assert [(bus["Name"], bus["Arn"]) for bus in buses] == [("default", "arn:aws:events:us-west-2:000000000000:event-bus/default")]
    assert client.describe_event_bus()["Name"] == "default"


def test_a_bus_of_ones_own_has_its_rules_and_gets_its_events(server):
    client = server.client()
    arn = client.create_event_bus(Name="shop", Tags=[{"Key": "team", "Value": "shop"}])["EventBusArn"]
    assert arn == "arn:aws:events:us-west-2:000000000000:event-bus/shop"
    assert error_of(lambda: client.create_event_bus(Name="shop"))[:2] == (
        "ResourceAlreadyExistsException", "Event bus shop already exists.")
    assert client.describe_event_bus(Name="shop")["Name"] == "shop"
    assert [bus["Name"] for bus in client.list_event_buses(NamePrefix="sh")["EventBuses"]] == ["shop"]
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "shop"}]

    client.put_rule(Name="orders", EventBusName="shop", EventPattern='{"source":["myapp"]}')
    client.put_targets(Rule="orders", EventBusName="shop", Targets=[{"Id": "1", "Arn": ARN.replace("eventbridge-agent", "generic")}])
    client.put_events(Entries=[
        {"Source": "myapp", "DetailType": "to the default bus", "Detail": "{}"},
        {"Source": "myapp", "DetailType": "by name", "Detail": "{}", "EventBusName": "shop"},
        {"Source": "myapp", "DetailType": "by ARN", "Detail": "{}", "EventBusName": arn},
        {"Source": "myapp", "DetailType": "to nowhere", "Detail": "{}", "EventBusName": "none"}])

    results = [run["result"] for run in server.wait_for_runs(2)]
    assert any("by name" in result for result in results) and any("by ARN" in result for result in results)
    assert error_of(lambda: client.delete_event_bus(Name="shop"))[:2] == (
        "ValidationException", "Event bus shop can't be deleted since it has rules.")


def test_a_bus_has_a_policy(client):
    client.put_permission(Action="events:PutEvents", Principal="111122223333", StatementId="other")
    policy = json.loads(client.describe_event_bus()["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    client.remove_permission(StatementId="other")
    assert "Policy" not in client.describe_event_bus()
    assert error_of(lambda: client.remove_permission(StatementId="other"))[0] == "ResourceNotFoundException"
    assert error_of(lambda: client.put_permission(Principal="1", StatementId="a", Action="events:PutEvents"))[0] == "ValidationException"


def test_rules_have_tags(client):
    arn = client.put_rule(Name="tagged", EventPattern='{"source":["a"]}', Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert error_of(lambda: client.list_tags_for_resource(ResourceARN=arn + "-none"))[0] == "ResourceNotFoundException"


def test_an_event_reaches_the_bus_of_another_account_by_its_arn(server):
    other = server.client(account="111122223333", region="eu-west-1")
    other.put_rule(Name="all", EventPattern='{"source":["myapp"]}')
    other.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": ARN.replace("eventbridge-agent", "generic")}])

    server.client().put_events(Entries=[{"Source": "myapp", "DetailType": "across", "Detail": "{}",
                                         "EventBusName": "arn:aws:events:eu-west-1:111122223333:event-bus/default"}])

    assert "across" in server.wait_for_runs(1)[0]["result"]


def test_a_rule_sends_events_on_to_another_bus(server):
    client = server.client()
    shop = client.create_event_bus(Name="shop")["EventBusArn"]
    client.put_rule(Name="onwards", EventPattern='{"source":["myapp"]}')
    client.put_targets(Rule="onwards", Targets=[{"Id": "1", "Arn": shop}])
    client.put_rule(Name="orders", EventBusName="shop", EventPattern='{"source":["myapp"]}')
    client.put_targets(Rule="orders", EventBusName="shop", Targets=[{"Id": "1", "Arn": ARN.replace("eventbridge-agent", "generic")}])

    client.put_events(Entries=[{"Source": "myapp", "DetailType": "passed on", "Detail": "{}"}])

    assert "passed on" in server.wait_for_runs(1)[0]["result"]


def test_a_pattern_can_be_tried(client):
    assert client.test_event_pattern(EventPattern='{"detail":{"x":[1]}}', Event=json.dumps(EVENT))["Result"] is True
    assert client.test_event_pattern(EventPattern='{"detail":{"x":[2]}}', Event=json.dumps(EVENT))["Result"] is False


def test_errors_arrive_as_sdks_expect_them(client):
    code, message, metadata = error_of(lambda: client.describe_rule(Name="none"))
    assert (code, message) == ("ResourceNotFoundException", "Rule none does not exist on EventBus default.")
    assert metadata["HTTPStatusCode"] == 400
    assert metadata["RequestId"]
    assert error_of(lambda: client.put_rule(Name="a", EventPattern='{"source":[]}'))[:2] == (
        "InvalidEventPatternException", "Event pattern is not valid. Reason: Empty arrays are not allowed")
    assert error_of(lambda: client.put_rule(Name="a", ScheduleExpression="rate(1 hours)"))[:2] == (
        "ValidationException", "Parameter ScheduleExpression is not valid.")
    assert error_of(lambda: client.test_event_pattern(EventPattern='{"a":[1]}', Event="[]"))[:2] == (
        "ValidationException", "Parameter Event is not valid.")
    assert error_of(client.list_endpoints)[0] == \
        "UnknownOperationException"


def test_the_caller_decides_account_and_region(server):
    server.client(account="123456789012", region="eu-central-1").put_rule(Name="mine", EventPattern='{"source":["a"]}')

    assert server.client(account="123456789012", region="eu-central-1").describe_rule(Name="mine")["Arn"] == \
        "arn:aws:events:eu-central-1:123456789012:rule/mine"
    assert server.client().list_rules()["Rules"] == []


def test_an_input_transformer_shapes_what_the_agent_gets(server):
    client = server.client()
    client.put_rule(Name="shaped", EventPattern='{"source":["myapp"]}')
    client.put_targets(Rule="shaped", Targets=[{"Id": "1", "Arn": ARN.replace("eventbridge-agent", "generic"), "InputTransformer": {
        "InputPathsMap": {"who": "$.detail.name"}, "InputTemplate": '{"source":"shaped","detail-type":"Greeting","detail":{"to":<who>}}'}}])
    client.put_events(Entries=[{"Source": "myapp", "DetailType": "x", "Detail": '{"name":"Jane"}'}])

    assert "Event received: Greeting from shaped" in server.wait_for_runs(1)[0]["result"]


def test_health_tells_the_counts(server):
    with urllib.request.urlopen(f"{server.url}/_eventbridge/health", timeout=10) as answer:
        health = json.loads(answer.read())

    assert health["status"] == "ok"
    assert set(health["counts"]) == {"accepted", "delivered", "dead", "pending"}
