-- The mailbox: what reaches a run from outside while a worker may be driving it. "run"."mail" counts the messages ever posted
-- and is the place of the newest, so that a reader knows whether there is more than it has read.
ALTER TABLE "run" ADD COLUMN "mail" INTEGER NOT NULL DEFAULT 0;

DROP TABLE "inbox";
CREATE TABLE "inbox" (
    "run_id" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "step" TEXT,
    "token" TEXT,
    "payload" JSON NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("run_id","place")
);

-- Outlives the message, so that one posted again after it was read is known too.
CREATE TABLE "inbox_key" (
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_key_pkey" PRIMARY KEY ("run_id","key")
);

-- Posts messages, each `{run_id, kind, step, token, payload (JSON as text), dedupe_key}`, and wakes who has to read them. The
-- run's row is locked first, so the order of places is the order of commits, and an owner that gives the run back at the
-- same moment either sees the message or has left before it came. Runs are locked in the order of their ids.
-- Answers for each message, by its number in the list from 1: posted, duplicate, ended (nobody will read it) or missing.
CREATE FUNCTION "post_mail"("messages" JSON) RETURNS TABLE ("nr" BIGINT, "answer" TEXT) LANGUAGE plpgsql AS $$
DECLARE
  message record;
  target record;
  parked boolean := false;
BEGIN
  FOR message IN
    SELECT m.* FROM ROWS FROM (
      json_to_recordset(messages) AS (run_id uuid, kind text, step text, token text, payload text, dedupe_key text)
    ) WITH ORDINALITY AS m(run_id, kind, step, token, payload, dedupe_key, ordinal)
    ORDER BY m.run_id, m.ordinal
  LOOP
    nr := message.ordinal;
    SELECT r.status, r.owner, r.mail INTO target FROM run r WHERE r.id = message.run_id FOR UPDATE;
    IF NOT FOUND THEN
      answer := 'missing';
    ELSIF target.status IN ('completed', 'failed', 'cancelled') THEN
      answer := 'ended';
    ELSE
      answer := 'posted';
      IF message.dedupe_key IS NOT NULL THEN
        INSERT INTO inbox_key (run_id, key) VALUES (message.run_id, message.dedupe_key) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          answer := 'duplicate';
        END IF;
      END IF;
    END IF;
    IF answer = 'posted' THEN
      UPDATE run r SET mail = r.mail + 1, wake_at = CASE WHEN r.owner IS NULL AND r.status = 'waiting' THEN now() ELSE r.wake_at END
        WHERE r.id = message.run_id;
      INSERT INTO inbox (run_id, place, kind, step, token, payload)
        VALUES (message.run_id, target.mail + 1, message.kind, message.step, message.token, message.payload::json);
      IF target.owner IS NOT NULL THEN
        PERFORM pg_notify('weftline_control', message.run_id::text);
      ELSIF target.status = 'waiting' THEN
        parked := true;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
  IF parked THEN
    PERFORM graphile_worker.add_job('wake_queue', '{"returned":true}');
    PERFORM pg_notify('weftline_queue', 'returned');
  END IF;
END
$$;
