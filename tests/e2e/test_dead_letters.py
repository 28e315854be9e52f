"""Deliveries that are given up end in the dead-letter queue with EventBridge's attributes, and can be driven again."""
import json

from conftest import run_binary, run_json, wait_for

PATTERN = json.dumps({"source": ["myapp.orders"]})


def dead_letters(server):
    return run_json("dlq", "list", "--data", server.data)["dead_letters"]


def put_order(server, arn, **target):
    client = server.client()
    client.put_rule(Name="orders", EventPattern=PATTERN)
    client.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": arn, **target}])
    return client.put_events(Entries=[{"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": "{\"orderId\":\"1\"}"}])["Entries"][0]["EventId"]


def test_a_target_that_nobody_serves_goes_straight_to_the_queue(server):
    event_id = put_order(server, "arn:aws:lambda:us-west-2:123:function:no-such-agent")

    letter = wait_for(lambda: dead_letters(server), "a dead letter")[0]

    attributes = letter["attributes"]
    assert letter["event_id"] == event_id
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert attributes["RULE_ARN"] == "arn:aws:events:us-west-2:000000000000:rule/orders"
    assert attributes["TARGET_ARN"].endswith(":no-such-agent")
    assert "no-such-agent" in attributes["ERROR_MESSAGE"]
    shown = run_json("dlq", "show", letter["id"], "--data", server.data)
    assert shown["event"]["detail"] == {"orderId": "1"}


def test_attempts_that_run_out_are_told(server):
    client = server.client()
    client.put_rule(Name="uploads", EventPattern=json.dumps({"source": ["aws.s3"]}))
    client.put_targets(Rule="uploads", Targets=[{"Id": "1", "Arn": "arn:aws:lambda:us-west-2:123:function:s3-processor",
                                                 "RetryPolicy": {"MaximumRetryAttempts": 0}}])
    client.put_events(Entries=[{"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{\"bucket\":\"my-data-bucket\",\"key\":\"no/such.csv\"}"}])

    attributes = wait_for(lambda: dead_letters(server), "a dead letter")[0]["attributes"]

    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == 0
    assert "no/such.csv" in attributes["ERROR_MESSAGE"]


def test_a_dead_letter_is_driven_again_beside_the_running_server(server):
    put_order(server, "arn:aws:lambda:us-west-2:123:function:s3-processor", RetryPolicy={"MaximumRetryAttempts": 0})
    letter = wait_for(lambda: dead_letters(server), "a dead letter")[0]  # an order is no upload

    done = run_binary("dlq", "redrive", letter["id"], "--data", server.data)

    assert done.returncode == 0, done.stderr
    wait_for(lambda: server.runs() and server.runs()[0]["attempts"] == 2, "a second attempt")
    wait_for(lambda: dead_letters(server), "the letter to be back")


def test_driving_again_what_is_not_there_says_so(server):
    done = run_binary("dlq", "redrive", "99", "--data", server.data)

    assert done.returncode == 1
    assert "99" in done.stderr
