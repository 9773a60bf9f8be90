-- Steps that run on another worker. The row of a wait of kind `remote` is the offer: it lives from the moment the run's owner
-- journals that the step waits for a queue until it journals how the step ended. Its token names the offer.
ALTER TABLE "wait" ADD COLUMN "queue" TEXT;
ALTER TABLE "wait" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;
-- The worker that executes it.
ALTER TABLE "wait" ADD COLUMN "claimed_by" UUID;
-- The run was told that it has begun; that it has ended, or that its worker was lost. An answered offer is nobody's to take.
ALTER TABLE "wait" ADD COLUMN "begun" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "wait" ADD COLUMN "answered" BOOLEAN NOT NULL DEFAULT false;

CREATE INDEX "wait_offer_idx" ON "wait" ("queue", "priority" DESC, "id")
  WHERE "kind" = 'remote' AND "claimed_by" IS NULL AND NOT "answered";
CREATE INDEX "wait_claimed_idx" ON "wait" ("claimed_by") WHERE "claimed_by" IS NOT NULL;

-- A hint to the workers of all queues. One commit sends it once, however many steps it offers.
CREATE FUNCTION "tell_offer"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('weftline_queue', 'remote');
  RETURN NULL;
END $$;
CREATE TRIGGER "wait_offered" AFTER INSERT OR UPDATE OF "token" ON "wait" FOR EACH ROW
WHEN (NEW.kind = 'remote' AND NEW.claimed_by IS NULL) EXECUTE FUNCTION "tell_offer"();

-- Whatever withdraws an offer that is being executed (a cancel, a restart, the end of its run) tells who executes it.
CREATE FUNCTION "tell_withdrawal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('weftline_control', OLD.run_id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER "wait_deleted" AFTER DELETE ON "wait" FOR EACH ROW
WHEN (OLD.claimed_by IS NOT NULL) EXECUTE FUNCTION "tell_withdrawal"();
CREATE TRIGGER "wait_replaced" AFTER UPDATE OF "token" ON "wait" FOR EACH ROW
WHEN (OLD.claimed_by IS NOT NULL AND OLD.token IS DISTINCT FROM NEW.token) EXECUTE FUNCTION "tell_withdrawal"();

-- Reports of a worker about offers that it has claimed, each `{id, run_id, token, step, payload (JSON as text), begins, ends}`, as
-- mail to their runs. The fence is the same as for the journal: the worker's row, locked for key share while it is alive. The
-- run's row is locked before its offer, as everybody does. Answers for each, by its number from 1: posted or gone (the
-- offer was withdrawn, or is somebody else's by now; a step of a paused run does not begin, and is offered again).
CREATE FUNCTION "post_remote"("reporter" UUID, "reports" JSON) RETURNS TABLE ("nr" BIGINT, "answer" TEXT) LANGUAGE plpgsql AS $$
DECLARE
  report record;
  alive boolean;
  state text;
BEGIN
  PERFORM 1 FROM worker w WHERE w.id = reporter AND w.status = 'alive' FOR KEY SHARE;
  alive := FOUND;
  FOR report IN
    SELECT m.* FROM ROWS FROM (
      json_to_recordset(reports) AS (id uuid, run_id uuid, token text, step text, payload text, begins boolean, ends boolean)
    ) WITH ORDINALITY AS m(id, run_id, token, step, payload, begins, ends, ordinal)
    ORDER BY m.run_id, m.ordinal
  LOOP
    nr := report.ordinal;
    answer := 'gone';
    IF alive THEN
      SELECT r.status INTO state FROM run r WHERE r.id = report.run_id FOR UPDATE;
      IF report.begins AND state IN ('pausing', 'paused') THEN
        UPDATE wait w SET claimed_by = NULL WHERE w.id = report.id AND w.token = report.token AND w.claimed_by = reporter;
      ELSE
        IF report.begins OR report.ends THEN
          UPDATE wait w SET begun = true, answered = report.ends, claimed_by = CASE WHEN report.ends THEN NULL ELSE reporter END
            WHERE w.id = report.id AND w.token = report.token AND w.claimed_by = reporter;
        ELSE
          PERFORM 1 FROM wait w WHERE w.id = report.id AND w.token = report.token AND w.claimed_by = reporter;
        END IF;
        IF FOUND THEN
          answer := (SELECT p.answer FROM post_mail(json_build_array(json_build_object('run_id', report.run_id, 'kind', 'remote',
            'step', report.step, 'token', report.token, 'payload', report.payload))) p);
        END IF;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Offers whose worker is gone: what had not begun is free again, of what had begun the run is told, which judges it by its
-- step's type. Answers how many there were.
CREATE FUNCTION "free_remote"() RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  lost record;
  had_begun boolean;
  freed integer := 0;
BEGIN
  FOR lost IN
    SELECT w.id, w.run_id, w.step, w.token, w.claimed_by FROM wait w
    WHERE w.claimed_by IS NOT NULL AND NOT EXISTS (SELECT FROM worker x WHERE x.id = w.claimed_by AND x.status = 'alive')
    ORDER BY w.run_id, w.id LIMIT 1000
  LOOP
    PERFORM 1 FROM run r WHERE r.id = lost.run_id FOR UPDATE;
    UPDATE wait w SET claimed_by = NULL, answered = w.begun
      WHERE w.id = lost.id AND w.token = lost.token AND w.claimed_by = lost.claimed_by RETURNING w.begun INTO had_begun;
    IF FOUND THEN
      freed := freed + 1;
      IF had_begun THEN
        PERFORM post_mail(json_build_array(json_build_object('run_id', lost.run_id, 'kind', 'remote', 'step', lost.step,
          'token', lost.token, 'payload', '{"kind":"lost"}')));
      ELSE
        PERFORM pg_notify('weftline_queue', 'remote');
      END IF;
    END IF;
  END LOOP;
  RETURN freed;
END
$$;
