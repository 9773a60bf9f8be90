-- Lists of runs by what started them, and by version, however many others there are. Only ended runs are in these indexes, which
-- is one entry for each run in all its life; those that have not ended are few, and found by their status.
CREATE INDEX "run_ended_trigger_idx" ON "run" ("workspace_id", "trigger", "id") WHERE "status" IN ('completed', 'failed', 'cancelled');
CREATE INDEX "run_ended_version_idx" ON "run" ("workflow_id", "version", "id") WHERE "status" IN ('completed', 'failed', 'cancelled');

-- Runs that a worker drives are found through "run_live_idx", so that each of them need not be entered here too.
DROP INDEX "run_status_idx";
CREATE INDEX "run_status_idx" ON "run" ("workspace_id", "status", "id") WHERE "status" NOT IN ('completed', 'running');
