PRAGMA application_id=1161969991;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE state (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  epoch         INTEGER NOT NULL,
  next_delivery INTEGER NOT NULL,
  accepted      INTEGER NOT NULL,
  delivered     INTEGER NOT NULL,
  dead          INTEGER NOT NULL,
  pending       INTEGER NOT NULL
);
INSERT INTO state VALUES(1,1,2,1,1,0,0);
CREATE TABLE catalog (
  kind TEXT NOT NULL,
  key  TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
INSERT INTO catalog VALUES('rule','arn:aws:events:us-east-1:000000000000:rule/orders','{"Account":"000000000000","Region":"us-east-1","Name":"orders","Arn":"arn:aws:events:us-east-1:000000000000:rule/orders","EventBusName":"default","EventPattern":"{\"source\":[\"myapp.orders\"],\"detail-type\":[\"Order Placed\"]}","State":"ENABLED","Description":"From the configuration of the app","ManagedBy":"eventbridge-agent","CreatedBy":"000000000000","Anchor":1795520702759,"Targets":[{"Id":"order-counter","Arn":"arn:aws:lambda:us-east-1:000000000000:function:order-counter"}]}');
CREATE TABLE routes (
  id              INTEGER PRIMARY KEY,
  digest          TEXT NOT NULL UNIQUE,
  bus             TEXT NOT NULL,
  rule_arn        TEXT NOT NULL,
  target_id       TEXT NOT NULL,
  target_arn      TEXT NOT NULL,
  target_json     TEXT NOT NULL,
  max_attempts    INTEGER NOT NULL,
  max_age_seconds INTEGER NOT NULL,
  dead_letter_arn TEXT NOT NULL,
  reshapes_input  INTEGER NOT NULL
);
INSERT INTO routes VALUES(1,'18f01dc90d4412cb8e0722411e5a3f9ec0efdbed97b20fa80f816fd691834e79','default','arn:aws:events:us-east-1:000000000000:rule/orders','order-counter','arn:aws:lambda:us-east-1:000000000000:function:order-counter','{"Id":"order-counter","Arn":"arn:aws:lambda:us-east-1:000000000000:function:order-counter"}',185,86400,'',0);
CREATE TABLE events (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  bus            TEXT NOT NULL,
  accepted       INTEGER NOT NULL,
  hops           INTEGER NOT NULL,
  first_delivery INTEGER NOT NULL,
  deliveries     INTEGER NOT NULL,
  json           TEXT NOT NULL
);
INSERT INTO events VALUES(1,'01a20d5f-ae61-75ba-91e4-65cc9e1b00d9','default',1795520704097,0,1,1,'{"version":"0","id":"01a20d5f-ae61-75ba-91e4-65cc9e1b00d9","detail-type":"Order Placed","source":"myapp.orders","account":"000000000000","time":"2026-11-24T11:45:04Z","region":"us-east-1","resources":[],"detail":{"orderId":"order_1"}}');
CREATE TABLE deliveries (
  seq        INTEGER PRIMARY KEY,
  event      INTEGER NOT NULL REFERENCES events (seq),
  route      INTEGER NOT NULL REFERENCES routes (id),
  lease      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  due        INTEGER NOT NULL,
  redriven   INTEGER,
  last_error TEXT,
  input      TEXT
);
CREATE TABLE delivered (
  seq      INTEGER PRIMARY KEY,
  event    INTEGER NOT NULL REFERENCES events (seq),
  route    INTEGER NOT NULL REFERENCES routes (id),
  attempts INTEGER NOT NULL,
  at       INTEGER NOT NULL
);
INSERT INTO delivered VALUES(1,1,1,1,1795520704099);
CREATE TABLE dead_letters (
  seq                 INTEGER PRIMARY KEY,
  event               INTEGER NOT NULL REFERENCES events (seq),
  route               INTEGER NOT NULL REFERENCES routes (id),
  attempts            INTEGER NOT NULL,
  died                INTEGER NOT NULL,
  error_code          TEXT NOT NULL,
  error_message       TEXT NOT NULL,
  exhausted_condition TEXT NOT NULL,
  input               TEXT
);
CREATE TABLE runs (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  key        TEXT NOT NULL,
  answers    INTEGER NOT NULL,
  agent      TEXT NOT NULL,
  event_id   TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  state      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  hops       INTEGER NOT NULL,
  started    INTEGER NOT NULL,
  ended      INTEGER,
  expires    INTEGER NOT NULL,
  result     TEXT NOT NULL,
  error      TEXT NOT NULL,
  event      TEXT NOT NULL
);
INSERT INTO runs VALUES(1,'01a20d5f-ae61-79e2-b236-ab830e15ff27',replace('01a20d5f-ae61-75ba-91e4-65cc9e1b00d9\norder-counter','\n',char(10)),1,'order-counter','01a20d5f-ae61-75ba-91e4-65cc9e1b00d9','99c4b754808877723ae2ee0741f44f7b050b2f3f89e53f64cd1a9ee2a3b5d408',1,1,0,1795520704097,1795520704098,1795607104097,'Order order_1 counted.','','{"version":"0","id":"01a20d5f-ae61-75ba-91e4-65cc9e1b00d9","detail-type":"Order Placed","source":"myapp.orders","account":"000000000000","time":"2026-11-24T11:45:04Z","region":"us-east-1","resources":[],"detail":{"orderId":"order_1"}}');
CREATE TABLE steps (
  run_id   TEXT NOT NULL,
  position INTEGER NOT NULL,
  name     TEXT NOT NULL,
  kind     TEXT NOT NULL,
  effect   TEXT NOT NULL,
  state    INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  started  INTEGER NOT NULL,
  ended    INTEGER,
  error    TEXT NOT NULL,
  input    TEXT NOT NULL,
  output   TEXT NOT NULL,
  PRIMARY KEY (run_id, position),
  UNIQUE (run_id, name)
) WITHOUT ROWID;
INSERT INTO steps VALUES('01a20d5f-ae61-79e2-b236-ab830e15ff27',0,'turn 1','model','read',1,1,1795520704098,1795520704098,'','{"model":"playbook (rules, no LLM)"}','{"calls":[],"answer":"Order order_1 counted."}');
CREATE INDEX deliveries_free ON deliveries (due) WHERE lease = 0;
CREATE UNIQUE INDEX runs_by_key ON runs (key) WHERE answers = 1;
CREATE INDEX runs_by_agent ON runs (agent);
CREATE INDEX runs_by_event ON runs (event_id);
CREATE INDEX runs_running ON runs (state) WHERE state = 0;
CREATE INDEX runs_failed ON runs (state) WHERE state = 2;
COMMIT;
PRAGMA user_version=1;
