-- Limits on runs. A run with a `concurrency_key` needs a row in `limit_slot` to be driven; `gate` keeps it from being
-- claimed until it has one:
--
--     (new) ─▶ pending ─▶ null: it has a slot ─▶ parked: it waits or is paused, and gave the slot back ─▶ pending …
--
-- Slots are given and taken under the lock of their `limit` row, locks taken in key order and after those of the runs whose
-- slots they are; runs that are let in are picked with SKIP LOCKED. So nobody waits in a circle.
ALTER TABLE "run" ADD COLUMN "gate" TEXT;
ALTER TABLE "limit" ADD COLUMN "workflow_id" UUID;
ALTER TABLE "limit" ADD COLUMN "on_limit" TEXT NOT NULL DEFAULT 'queue';
ALTER TABLE "limit" ADD COLUMN "holds_waiting" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "limit_workflow_id_idx" ON "limit" ("workflow_id");

-- The claim never sees what is behind a gate, however many they are.
DROP INDEX "run_claim_idx";
CREATE INDEX "run_claim_idx" ON "run" ("queue", "priority" DESC, "id") WHERE "status" = 'queued' AND "gate" IS NULL;
CREATE INDEX "run_pending_idx" ON "run" ("concurrency_key", "priority" DESC, "id") WHERE "gate" = 'pending';
CREATE INDEX "run_parked_idx" ON "run" ("wake_at") WHERE "gate" = 'parked';
CREATE INDEX "run_limited_idx" ON "run" ("concurrency_key", "id")
  WHERE "concurrency_key" IS NOT NULL AND "status" NOT IN ('completed', 'failed', 'cancelled');

-- Lets in as many pending runs as these limits have free slots: the most urgent first, then the oldest. Answers how many.
CREATE FUNCTION "admit_runs"(keys text[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  one record;
  free integer;
  let_in integer;
  total integer := 0;
BEGIN
  PERFORM 1 FROM "limit" WHERE key = ANY(keys) ORDER BY key FOR UPDATE;
  FOR one IN SELECT key, max FROM "limit" WHERE key = ANY(keys) ORDER BY key LOOP
    SELECT one.max - count(*) INTO free FROM limit_slot WHERE key = one.key;
    CONTINUE WHEN free <= 0;
    WITH picked AS MATERIALIZED (
      SELECT id FROM run WHERE concurrency_key = one.key AND gate = 'pending' ORDER BY priority DESC, id LIMIT free FOR UPDATE SKIP LOCKED
    ), opened AS (
      UPDATE run SET gate = NULL FROM picked WHERE run.id = picked.id RETURNING run.id
    ), taken AS (
      INSERT INTO limit_slot (key, run_id) SELECT one.key, id FROM opened ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO let_in FROM opened;
    total := total + let_in;
  END LOOP;
  IF total > 0 THEN
    PERFORM pg_notify('weftline_queue', 'both');
  END IF;
  RETURN total;
END
$$;

-- Gives each of these runs the slot and the gate that its status asks for, then lets others in. The caller holds the runs'
-- rows. A run that somebody drives keeps what it has.
CREATE FUNCTION "settle_limits"(ids uuid[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  keys text[];
BEGIN
  SELECT array_agg(DISTINCT concurrency_key ORDER BY concurrency_key) INTO keys FROM run WHERE id = ANY(ids) AND concurrency_key IS NOT NULL;
  IF keys IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM 1 FROM "limit" WHERE key = ANY(keys) ORDER BY key FOR UPDATE;
  WITH facts AS MATERIALIZED (
    SELECT r.id, r.gate, s.run_id IS NOT NULL AS has_slot,
      CASE
        WHEN r.status IN ('completed', 'failed', 'cancelled') THEN 'nothing'
        WHEN r.owner IS NOT NULL THEN 'as it is'
        WHEN r.status = 'paused' OR (r.status = 'waiting' AND (r.wake_at IS NULL OR r.wake_at > now()))
          THEN CASE WHEN l.holds_waiting THEN 'as it is' ELSE 'rest' END
        ELSE 'slot'
      END AS need
    FROM run r JOIN "limit" l ON l.key = r.concurrency_key LEFT JOIN limit_slot s ON s.key = r.concurrency_key AND s.run_id = r.id
    WHERE r.id = ANY(ids)
  ), freed AS (
    DELETE FROM limit_slot s USING facts f WHERE s.run_id = f.id AND f.need IN ('nothing', 'rest')
  ), wanted AS (
    SELECT id, gate, CASE need
        WHEN 'nothing' THEN NULL
        WHEN 'rest' THEN 'parked'
        WHEN 'slot' THEN CASE WHEN has_slot THEN NULL ELSE 'pending' END
        ELSE CASE WHEN has_slot THEN NULL ELSE gate END
      END AS next
    FROM facts
  )
  UPDATE run SET gate = wanted.next FROM wanted WHERE run.id = wanted.id AND run.gate IS DISTINCT FROM wanted.next;
  RETURN admit_runs(keys);
END
$$;

-- Parked runs that are due ask for a slot again.
CREATE FUNCTION "wake_parked"() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
BEGIN
  SELECT array_agg(id) INTO ids FROM (
    SELECT id FROM run WHERE gate = 'parked' AND status = 'waiting' AND owner IS NULL AND wake_at <= now() + interval '1 ms'
    ORDER BY wake_at LIMIT 500 FOR UPDATE SKIP LOCKED
  ) due;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  RETURN settle_limits(ids);
END
$$;

-- What a newer version says of its limit holds for every run of the workflow that waits.
CREATE FUNCTION "change_limits"(workflow uuid, new_max integer, new_on_limit text, new_holds boolean) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  keys text[];
BEGIN
  SELECT array_agg(key ORDER BY key) INTO keys FROM (
    SELECT key FROM "limit" WHERE workflow_id = workflow AND (max, on_limit, holds_waiting) IS DISTINCT FROM (new_max, new_on_limit, new_holds)
    ORDER BY key FOR UPDATE
  ) locked;
  IF keys IS NULL THEN
    RETURN 0;
  END IF;
  UPDATE "limit" SET max = new_max, on_limit = new_on_limit, holds_waiting = new_holds, updated_at = now() WHERE key = ANY(keys);
  RETURN admit_runs(keys);
END
$$;

-- The net under all of it: slots against the runs that hold them, gates against statuses, free slots against those who wait,
-- and limits that nobody uses any more. Answers how many slots were wrong.
CREATE FUNCTION "sweep_limits"() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
  keys text[];
  wrong integer;
BEGIN
  DELETE FROM limit_slot s WHERE NOT EXISTS (SELECT FROM run r WHERE r.id = s.run_id AND r.concurrency_key = s.key);
  GET DIAGNOSTICS wrong = ROW_COUNT;
  SELECT array_agg(id) INTO ids FROM (
    SELECT r.id FROM run r JOIN limit_slot s ON s.run_id = r.id JOIN "limit" l ON l.key = s.key
    WHERE r.status IN ('completed', 'failed', 'cancelled')
      OR (r.owner IS NULL AND NOT l.holds_waiting AND (r.status = 'paused' OR (r.status = 'waiting' AND (r.wake_at IS NULL OR r.wake_at > now()))))
    LIMIT 1000 FOR UPDATE OF r SKIP LOCKED
  ) stale;
  IF ids IS NOT NULL THEN
    wrong := wrong + cardinality(ids);
    PERFORM settle_limits(ids);
  END IF;
  SELECT array_agg(id) INTO ids FROM (
    SELECT r.id FROM run r JOIN "limit" l ON l.key = r.concurrency_key
    WHERE r.status NOT IN ('completed', 'failed', 'cancelled') AND r.owner IS NULL AND r.gate IS NULL
      AND NOT EXISTS (SELECT FROM limit_slot s WHERE s.run_id = r.id)
    LIMIT 1000 FOR UPDATE OF r SKIP LOCKED
  ) ungated;
  IF ids IS NOT NULL THEN
    PERFORM settle_limits(ids);
  END IF;
  SELECT array_agg(key) INTO keys FROM "limit" l
    WHERE EXISTS (SELECT FROM run r WHERE r.concurrency_key = l.key AND r.gate = 'pending')
      AND (SELECT count(*) FROM limit_slot s WHERE s.key = l.key) < l.max;
  IF keys IS NOT NULL THEN
    PERFORM admit_runs(keys);
  END IF;
  SELECT array_agg(key) INTO keys FROM (
    SELECT key FROM "limit" WHERE updated_at < now() - interval '1 hour' ORDER BY key LIMIT 1000 FOR UPDATE SKIP LOCKED
  ) old;
  DELETE FROM "limit" l WHERE key = ANY(keys) AND NOT EXISTS (SELECT FROM limit_slot s WHERE s.key = l.key)
    AND NOT EXISTS (SELECT FROM run r WHERE r.concurrency_key = l.key AND r.status NOT IN ('completed', 'failed', 'cancelled'));
  RETURN wrong;
END
$$;
