"""CloudEvents 1.0 over HTTP, as any producer sends them."""
import json
import urllib.error
import urllib.request

import pytest

ARN = "arn:aws:lambda:us-west-2:123456789012:function:generic"
EVENT = {"specversion": "1.0", "id": "42", "source": "/shop", "type": "order.placed", "subject": "order_123", "data": {"amount": 99.99}}


@pytest.fixture
def shop(server):
    client = server.client()
    client.put_rule(Name="orders", EventPattern='{"source":["/shop"],"detail":{"amount":[{"numeric":[">",50]}]}}')
    client.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": ARN}])
    return server


def post(server, body, path="/cloudevents", **headers):
    request = urllib.request.Request(server.url + path, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_an_event_in_the_json_format_runs_the_agent_once_however_often_it_is_sent(shop):
    first = post(shop, json.dumps(EVENT), Content_Type="application/cloudevents+json; charset=utf-8")
    again = post(shop, json.dumps(EVENT), Content_Type="application/cloudevents+json")

    assert first[0] == 200 and first == again
    assert "order.placed from /shop" in shop.wait_for_runs(1)[0]["result"]


def test_attributes_may_be_headers(shop):
    status, _ = post(shop, '{"amount": 60}', Content_Type="application/json", ce_specversion="1.0", ce_id="7", ce_source="/shop", ce_type="order.placed")

    assert status == 200
    assert "order.placed" in shop.wait_for_runs(1)[0]["result"]


def test_a_batch_is_taken_whole_or_not_at_all(shop):
    good = [EVENT, {**EVENT, "id": "43"}]
    assert post(shop, json.dumps([*good, {"id": "44"}]), Content_Type="application/cloudevents-batch+json")[0] == 400
    status, answer = post(shop, json.dumps(good), Content_Type="application/cloudevents-batch+json")

    assert status == 200 and len(answer["EventIds"]) == 2
    assert len(shop.wait_for_runs(2)) == 2


def test_the_query_names_the_bus(shop):
    shop.client().create_event_bus(Name="other")

    assert post(shop, json.dumps(EVENT), "/cloudevents?bus=other", Content_Type="application/cloudevents+json")[0] == 200
    assert post(shop, json.dumps(EVENT), "/cloudevents?bus=none", Content_Type="application/cloudevents+json")[0] == 404


def test_what_is_no_event_is_told_so(shop):
    assert post(shop, "{", Content_Type="application/cloudevents+json")[0] == 400
    assert post(shop, json.dumps(EVENT), Content_Type="application/json")[0] == 415
    assert post(shop, "x", Content_Type="application/cloudevents+avro")[0] == 415
    assert post(shop, "{}", Content_Type="application/json", ce_specversion="1.0", ce_id="1", ce_source="/shop")[0] == 400
