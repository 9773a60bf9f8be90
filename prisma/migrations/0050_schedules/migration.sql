-- Schedules: their policies, what became of each due time, and the runs that they started.
ALTER TABLE "schedule"
    ADD COLUMN "name" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "overlap" TEXT NOT NULL DEFAULT 'allow',
    ADD COLUMN "catch_up_window" INTEGER NOT NULL DEFAULT 604800,
    ADD COLUMN "jitter" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "next_due" TIMESTAMPTZ(3);

ALTER TABLE "schedule_fire"
    ADD COLUMN "outcome" TEXT NOT NULL DEFAULT 'started',
    ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'schedule',
    ADD COLUMN "until" TIMESTAMPTZ(3),
    ADD COLUMN "count" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "detail" TEXT,
    ADD COLUMN "ended_at" TIMESTAMPTZ(3);

-- By hand: due times that wait for earlier runs, runs that are under way, and the way from a run to its due time.
CREATE INDEX "schedule_fire_waiting_idx" ON "schedule_fire" ("schedule_id", "due_at") WHERE "outcome" = 'waiting';
CREATE INDEX "schedule_fire_live_idx" ON "schedule_fire" ("schedule_id") WHERE "run_id" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "schedule_fire_run_id_idx" ON "schedule_fire" ("run_id");

-- Null but for runs of a schedule: which one, its cron text, zone and due time, as expressions see it under `run.schedule`.
ALTER TABLE "run" ADD COLUMN "schedule" JSON;

-- By hand: whoever ends (or reopens) a run of a schedule, its due time knows, and what waits for it is looked at.
CREATE FUNCTION "schedule_run_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "schedule_fire" SET "ended_at" = NEW."completed_at" WHERE "run_id" = NEW."id";
    PERFORM pg_notify('weftline_schedule', '');
    RETURN NULL;
END $$;

CREATE TRIGGER "run_of_schedule_ended" AFTER UPDATE ON "run" FOR EACH ROW
    WHEN (NEW."schedule" IS NOT NULL AND (OLD."completed_at" IS NULL) <> (NEW."completed_at" IS NULL))
    EXECUTE FUNCTION "schedule_run_ended"();
