-- A run that another one started: whether the step that started it waits for its end. Who waits is told in the transaction that
-- ends the child.
ALTER TABLE "run" ADD COLUMN "parent_waits" BOOLEAN NOT NULL DEFAULT false;
-- What a cancel, a pause or a resume of the parent goes down to.
CREATE INDEX "run_live_child_idx" ON "run" ("parent_run_id")
  WHERE "parent_run_id" IS NOT NULL AND "status" NOT IN ('completed', 'failed', 'cancelled');
-- Ids given by callers, over all workflows of a workspace.
CREATE INDEX "run_external_idx" ON "run" ("workspace_id", "external_id") WHERE "external_id" IS NOT NULL;

-- Whatever ends a run, or deletes one that has not ended, tells the run that waits for it, in the same transaction.
CREATE FUNCTION "report_child"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  payload json;
  totals json;
BEGIN
  SELECT json_object_agg(status, steps) INTO totals FROM (
    SELECT status, count(*) AS steps FROM (
      SELECT DISTINCT ON (step) substr(type, 6) AS status FROM run_event
      WHERE run_id = OLD.id AND type IN ('step_completed', 'step_failed', 'step_skipped', 'step_cancelled') AND strpos(step, '[') = 0
      ORDER BY step, seq DESC
    ) last GROUP BY status
  ) counted;
  IF TG_OP = 'DELETE' THEN
    payload := json_build_object('run_id', 'run_' || replace(OLD.id::text, '-', ''), 'status', 'deleted', 'output', NULL,
      'error', json_build_object('code', 'RUN_DELETED', 'message', 'The run was deleted before it had ended'), 'totals', coalesce(totals, '{}'));
  ELSE
    payload := json_build_object('run_id', 'run_' || replace(NEW.id::text, '-', ''), 'status', NEW.status, 'output', NEW.output,
      'error', NEW.error, 'totals', coalesce(totals, '{}'));
  END IF;
  PERFORM post_mail(json_build_array(json_build_object(
    'run_id', OLD.parent_run_id, 'kind', 'child', 'step', OLD.parent_step, 'payload', payload::text)));
  RETURN NULL;
END $$;

CREATE TRIGGER "report_child_end" AFTER UPDATE OF "status" ON "run" FOR EACH ROW
WHEN (NEW.parent_waits AND OLD.status NOT IN ('completed', 'failed', 'cancelled') AND NEW.status IN ('completed', 'failed', 'cancelled'))
EXECUTE FUNCTION "report_child"();

CREATE TRIGGER "report_child_gone" AFTER DELETE ON "run" FOR EACH ROW
WHEN (OLD.parent_waits AND OLD.status NOT IN ('completed', 'failed', 'cancelled'))
EXECUTE FUNCTION "report_child"();
