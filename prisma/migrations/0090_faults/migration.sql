-- Which version of the engine has written to a run, and which version a worker speaks. A worker claims no run that a newer
-- one has written to: it would fold what it does not know.
ALTER TABLE "run" ADD COLUMN "engine" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE "worker" ADD COLUMN "engine" SMALLINT NOT NULL DEFAULT 1;

-- What the run that waits for this one has told it last. Where that differs from what the other is, whoever had to tell has
-- died before: the sweep does it.
ALTER TABLE "run" ADD COLUMN "told_to_pause" BOOLEAN NOT NULL DEFAULT false;

-- A statement that waits for a lock ends with the process that sent it: as long as it holds its worker's row, nobody can declare
-- that worker dead. Servers that cannot look (Windows), or roles that may not say so, do without.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET client_connection_check_interval = 1000', current_database());
EXCEPTION WHEN OTHERS THEN
  NULL;
END
$$;
