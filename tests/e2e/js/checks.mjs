// What the AWS SDK for JavaScript v3 finds at the server. Usage: node checks.mjs URL
// Prints one JSON object: the name of each check to "passed" or to what went wrong.
import assert from "node:assert/strict";
import http from "node:http";
import * as events from "@aws-sdk/client-eventbridge";
import * as scheduler from "@aws-sdk/client-scheduler";

const url = process.argv[2];
const options = (more = {}) => ({
  endpoint: url,
  region: "eu-central-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
  ...more,
});
const bridge = new events.EventBridgeClient(options());
const schedules = new scheduler.SchedulerClient(options());
const lambda = "arn:aws:lambda:eu-central-1:000000000000:function:eventbridge-agent";
const role = "arn:aws:iam::000000000000:role/scheduler";
const entry = (more = {}) => ({ Source: "js.orders", DetailType: "Order Placed", Detail: '{"id":"1"}', ...more });

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

async function all(pages, member) {
  const items = [];
  for await (const page of pages) items.push(...(page[member] ?? []));
  return items;
}

// A server in between that answers the first requests with an error of its own choice, then passes on what comes.
async function withRefusals(count, status, body, use) {
  let refused = 0;
  const between = http.createServer((request, response) => {
    if (refused < count) {
      refused += 1;
      request.resume();
      response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": body.__type });
      return response.end(JSON.stringify(body));
    }
    const on = http.request(url, { method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    return request.pipe(on);
  });
  await new Promise((listening) => between.listen(0, "127.0.0.1", listening));
  try {
    return await use(`http://127.0.0.1:${between.address().port}`);
  } finally {
    between.closeAllConnections?.();
    between.close();
  }
}

const checks = {
  async "event buses are made, described, listed and deleted"() {
    const made = await bridge.send(new events.CreateEventBusCommand({ Name: "js-bus", Description: "by JavaScript" }));
    assert.equal(made.EventBusArn, "arn:aws:events:eu-central-1:000000000000:event-bus/js-bus");
    const bus = await bridge.send(new events.DescribeEventBusCommand({ Name: "js-bus" }));
    assert.equal(bus.Description, "by JavaScript");
    assert.ok(bus.CreationTime instanceof Date && !Number.isNaN(bus.CreationTime.getTime()));
    const names = (await bridge.send(new events.ListEventBusesCommand({}))).EventBuses.map((each) => each.Name);
    assert.deepEqual(names.sort(), ["default", "js-bus"]);
    await bridge.send(new events.DeleteEventBusCommand({ Name: "js-bus" }));
  },
  async "rules and targets are put, described, listed and removed"() {
    const EventPattern = JSON.stringify({ source: ["js.orders"] });
    const { RuleArn } = await bridge.send(
      new events.PutRuleCommand({ Name: "js-rule", EventPattern, Tags: [{ Key: "k", Value: "v" }] }),
    );
    assert.equal(RuleArn, "arn:aws:events:eu-central-1:000000000000:rule/js-rule");
    const put = await bridge.send(new events.PutTargetsCommand({ Rule: "js-rule", Targets: [{ Id: "1", Arn: lambda }] }));
    assert.equal(put.FailedEntryCount, 0);
    const rule = await bridge.send(new events.DescribeRuleCommand({ Name: "js-rule" }));
    assert.equal(rule.EventPattern, EventPattern);
    assert.equal(rule.State, events.RuleState.ENABLED);
    const { Targets } = await bridge.send(new events.ListTargetsByRuleCommand({ Rule: "js-rule" }));
    assert.deepEqual(Targets, [{ Id: "1", Arn: lambda }]);
    const { Tags } = await bridge.send(new events.ListTagsForResourceCommand({ ResourceARN: RuleArn }));
    assert.deepEqual(Tags, [{ Key: "k", Value: "v" }]);
    await bridge.send(new events.RemoveTargetsCommand({ Rule: "js-rule", Ids: ["1"] }));
    await bridge.send(new events.DeleteRuleCommand({ Name: "js-rule" }));
  },
  async "lists are read page by page"() {
    const names = ["page-1", "page-2", "page-3", "page-4", "page-5"];
    for (const Name of names) {
      await bridge.send(new events.PutRuleCommand({ Name, ScheduleExpression: "rate(1 day)", State: "DISABLED" }));
    }
    const listed = [];
    let NextToken;
    let pages = 0;
    do {
      const page = await bridge.send(new events.ListRulesCommand({ NamePrefix: "page-", Limit: 2, NextToken }));
      listed.push(...page.Rules.map((rule) => rule.Name));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken);
    assert.deepEqual(listed, names);
    assert.equal(pages, 3);
    for (const Name of names) await bridge.send(new events.DeleteRuleCommand({ Name }));
  },
  async "events are put, and each bad entry has its own error"() {
    const put = await bridge.send(
      new events.PutEventsCommand({
        Entries: [entry({ Time: new Date(), Resources: ["r"] }), entry({ Detail: "no JSON" }), entry({ Source: undefined })],
      }),
    );
    assert.equal(put.FailedEntryCount, 2);
    assert.match(put.Entries[0].EventId, /^[0-9a-f-]{36}$/);
    assert.equal(put.Entries[1].ErrorCode, "MalformedDetail");
    assert.equal(put.Entries[2].ErrorCode, "InvalidArgument");
    assert.match(put.$metadata.requestId, /^[0-9a-f-]{36}$/);
  },
  async "a pattern is tried on an event"() {
    const Event = JSON.stringify({
      id: "1", account: "1", source: "js.orders", time: "2026-01-26T16:00:00Z", region: "r", resources: [],
      "detail-type": "t", detail: {},
    });
    const tried = (source) =>
      bridge.send(new events.TestEventPatternCommand({ EventPattern: JSON.stringify({ source: [source] }), Event }));
    assert.equal((await tried("js.orders")).Result, true);
    assert.equal((await tried("other")).Result, false);
  },
  async "errors have the types that the SDK knows"() {
    const missing = await refusal(bridge.send(new events.DescribeRuleCommand({ Name: "none" })));
    assert.ok(missing instanceof events.ResourceNotFoundException);
    assert.equal(missing.name, "ResourceNotFoundException");
    assert.equal(missing.$fault, "client");
    assert.match(missing.message, /Rule none does not exist/);
    const pattern = await refusal(bridge.send(new events.PutRuleCommand({ Name: "x", EventPattern: "{" })));
    assert.ok(pattern instanceof events.InvalidEventPatternException);
    const twice = await refusal(bridge.send(new events.CreateEventBusCommand({ Name: "default" })));
    assert.ok(["ResourceAlreadyExistsException", "ValidationException"].includes(twice.name), twice.name);
    const invalid = await refusal(bridge.send(new events.PutRuleCommand({ Name: "a b", ScheduleExpression: "rate(1 day)" })));
    assert.equal(invalid.name, "ValidationException");
  },
  async "a throttled call is tried again by the SDK itself"() {
    const throttled = { __type: "ThrottlingException", message: "Rate exceeded" };
    await withRefusals(2, 400, throttled, async (endpoint) => {
      const patient = new events.EventBridgeClient(options({ endpoint, maxAttempts: 3 }));
      const put = await patient.send(new events.PutEventsCommand({ Entries: [entry()] }));
      assert.equal(put.FailedEntryCount, 0);
      assert.equal(put.$metadata.attempts, 3);
    });
    await withRefusals(2, 400, throttled, async (endpoint) => {
      const hasty = new events.EventBridgeClient(options({ endpoint, maxAttempts: 1 }));
      assert.equal((await refusal(hasty.send(new events.PutEventsCommand({ Entries: [entry()] })))).name, "ThrottlingException");
    });
  },
  async "many puts at once share their connections and are all accepted"() {
    const puts = Array.from({ length: 100 }, () =>
      bridge.send(new events.PutEventsCommand({ Entries: Array.from({ length: 10 }, () => entry()) })),
    );
    const ids = (await Promise.all(puts)).flatMap((put) => put.Entries.map((each) => each.EventId));
    assert.equal(new Set(ids).size, 1_000);
  },
  async "schedules and groups are made, described, listed and deleted"() {
    await schedules.send(new scheduler.CreateScheduleGroupCommand({ Name: "js-group" }));
    const made = await schedules.send(
      new scheduler.CreateScheduleCommand({
        Name: "js-schedule", GroupName: "js-group", ScheduleExpression: "cron(0 9 * * ? *)",
        ScheduleExpressionTimezone: "Europe/Berlin", FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: lambda, RoleArn: role, Input: "{}" },
      }),
    );
    assert.equal(made.ScheduleArn, "arn:aws:scheduler:eu-central-1:000000000000:schedule/js-group/js-schedule");
    const found = await schedules.send(new scheduler.GetScheduleCommand({ Name: "js-schedule", GroupName: "js-group" }));
    assert.equal(found.ScheduleExpressionTimezone, "Europe/Berlin");
    assert.ok(found.CreationDate instanceof Date);
    const listed = await all(scheduler.paginateListSchedules({ client: schedules, pageSize: 1 }, { GroupName: "js-group" }), "Schedules");
    assert.deepEqual(listed.map((each) => each.Name), ["js-schedule"]);
    const groups = await all(scheduler.paginateListScheduleGroups({ client: schedules, pageSize: 1 }, {}), "ScheduleGroups");
    assert.deepEqual(groups.map((each) => each.Name).sort(), ["default", "js-group"]);
    await schedules.send(new scheduler.DeleteScheduleCommand({ Name: "js-schedule", GroupName: "js-group" }));
  },
  async "the scheduler's errors have the types that the SDK knows"() {
    const missing = await refusal(schedules.send(new scheduler.GetScheduleCommand({ Name: "none" })));
    assert.ok(missing instanceof scheduler.ResourceNotFoundException, missing.name);
    assert.equal(missing.$metadata.httpStatusCode, 404);
    const invalid = await refusal(
      schedules.send(
        new scheduler.CreateScheduleCommand({
          Name: "bad", ScheduleExpression: "every day", FlexibleTimeWindow: { Mode: "OFF" }, Target: { Arn: lambda, RoleArn: role },
        }),
      ),
    );
    assert.ok(invalid instanceof scheduler.ValidationException, invalid.name);
  },
};

const outcomes = {};
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    outcomes[name] = "passed";
  } catch (error) {
    outcomes[name] = `${error.name}: ${error.message}`;
  }
}
console.log(JSON.stringify(outcomes));
bridge.destroy();
schedules.destroy();
