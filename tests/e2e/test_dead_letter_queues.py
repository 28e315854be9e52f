"""Dead letters of the real binary go to the queue that their target names, and stay in its own until that has taken them."""
import json

import pytest

from conftest import run_json, wait_for
from aws_services import ACCOUNT, REGION, Moto, put_events, put_rule

ABSENT = f"arn:aws:sqs:{REGION}:{ACCOUNT}:absent"


@pytest.fixture
def moto():
    server = Moto().start()
    yield server
    server.stop()


def letters(server):
    return run_json("dlq", "list", "--data", server.data)["dead_letters"]


def test_the_queue_gets_the_event_and_why_it_could_not_be_delivered(moto, start_server):
    url, arn = moto.queue("dead")
    server = start_server("--aws-endpoint", moto.url)
    put_rule(server.client(), "broken", [{"Id": "x", "Arn": ABSENT, "Input": "{}", "DeadLetterConfig": {"Arn": arn}}])

    ids = put_events(server.client())

    message = wait_for(lambda: moto.messages(url), "a dead letter")[0]
    assert json.loads(message["Body"])["id"] == ids[0]
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert "QueueDoesNotExist" in attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "RULE_ARN": f"arn:aws:events:{REGION}:000000000000:rule/broken", "TARGET_ARN": ABSENT,
        "ERROR_CODE": "NO_RESOURCE", "RETRY_ATTEMPTS": "0"}
    wait_for(lambda: not letters(server), "the built-in queue to be empty")


def test_what_was_tried_again_in_vain_says_how_often(moto, start_server):
    url, arn = moto.queue("tired")
    server = start_server("--aws-endpoint", moto.url)
    put_rule(server.client(), "refused", [{
        "Id": "x", "Arn": "http://127.0.0.1:1/", "DeadLetterConfig": {"Arn": arn},
        "RetryPolicy": {"MaximumRetryAttempts": 1}}])

    put_events(server.client())

    message = wait_for(lambda: moto.messages(url), "a dead letter")[0]
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "CONNECTION_FAILURE"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == "1"


def test_a_dead_letter_waits_for_its_queue_through_kills_and_restarts(moto, start_server, tmp_path):
    moto.stop()  # nothing listens at the endpoint
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:late"
    lambda_arn = f"arn:aws:lambda:{REGION}:000000000000:function:nobody"
    server = start_server("--aws-endpoint", f"SQS={moto.url}")
    put_rule(server.client(), "nobody", [{"Id": "x", "Arn": lambda_arn, "DeadLetterConfig": {"Arn": arn}}])
    ids = put_events(server.client(), 20)
    wait_for(lambda: len(letters(server)) == 20, "20 dead letters in the built-in queue")
    server.kill()
    server.start()

    moto.start()
    url, _ = moto.queue("late")

    got = []
    wait_for(lambda: got.extend(moto.messages(url)) or len({json.loads(m["Body"])["id"] for m in got}) == 20,
             "20 messages", seconds=60)
    assert {json.loads(message["Body"])["id"] for message in got} == set(ids)
    wait_for(lambda: not letters(server), "the built-in queue to be empty")


def test_without_an_endpoint_it_stays_in_the_built_in_queue(start_server):
    server = start_server()
    put_rule(server.client(), "broken", [{"Id": "x", "Arn": ABSENT, "DeadLetterConfig": {"Arn": ABSENT}}])

    put_events(server.client())

    assert wait_for(lambda: letters(server), "a dead letter")[0]["attributes"]["TARGET_ARN"] == ABSENT
