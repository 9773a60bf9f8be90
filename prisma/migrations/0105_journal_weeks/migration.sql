-- The journal's partitions are weeks from here on (months before), so that retention gives the disk back at most a week late.
-- They are named after their first day. Which there are is read from the catalog, so nothing can differ from it.

-- The moment inside a UUIDv7, to the millisecond.
CREATE FUNCTION "journal"."moment_of"(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp((('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint) / 1000.0)
$$;

CREATE FUNCTION "journal"."partitions"() RETURNS TABLE ("name" text, "lower_id" uuid, "upper_id" uuid) LANGUAGE sql STABLE AS $$
  SELECT c.relname::text, b[1]::uuid, b[2]::uuid
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
    regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS b
  WHERE i.inhparent = 'public.run_event'::regclass AND b IS NOT NULL
  ORDER BY b[1]
$$;

-- Events (a short step's row holds two) of runs that retention has removed and whose rows still lie in a closed partition,
-- until it is dropped or cleaned.
CREATE TABLE "journal"."remains" (
  "partition" TEXT NOT NULL,
  "events" BIGINT NOT NULL,
  "cleaned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "remains_pkey" PRIMARY KEY ("partition")
);

-- Makes the partitions that are missing from this week to so many weeks ahead, each from the end of the last one to the next
-- Monday, and moves what already lies in the default one. Answers how many it made. Called at start and by the sweep.
DROP FUNCTION "journal"."ensure_partitions"(integer);
CREATE FUNCTION "journal"."ensure_partitions"(weeks integer DEFAULT 4) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  week constant interval := interval '7 days';
  this_week timestamptz := date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  reach timestamptz := this_week + week * weeks;
  lower_bound timestamptz;
  upper_bound timestamptz;
  partition_name text;
  made integer := 0;
BEGIN
  IF (SELECT max(journal.moment_of(upper_id)) FROM journal.partitions()) > reach THEN
    RETURN 0;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('journal.ensure_partitions'));
  SELECT greatest(max(journal.moment_of(upper_id)), this_week) INTO lower_bound FROM journal.partitions();
  WHILE lower_bound <= reach LOOP
    upper_bound := date_trunc('week', lower_bound AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + week;
    partition_name := 'run_event_' || to_char(lower_bound AT TIME ZONE 'UTC', 'YYYY_MM_DD');
    EXECUTE format('CREATE TABLE journal.%I (LIKE public.run_event INCLUDING DEFAULTS)', partition_name);
    EXECUTE format(
      'WITH moved AS (DELETE FROM journal.run_event_default WHERE run_id >= %L AND run_id < %L RETURNING *) INSERT INTO journal.%I SELECT * FROM moved',
      journal.first_id(lower_bound), journal.first_id(upper_bound), partition_name);
    EXECUTE format(
      'ALTER TABLE public.run_event ATTACH PARTITION journal.%I FOR VALUES FROM (%L) TO (%L)',
      partition_name, journal.first_id(lower_bound), journal.first_id(upper_bound));
    made := made + 1;
    lower_bound := upper_bound;
  END LOOP;
  RETURN made;
END
$$;

-- A partition is closed when no new run can come into it: a day after its end, because ids are made before runs are.
CREATE FUNCTION "journal"."closed_partitions"() RETURNS TABLE ("name" text, "lower_id" uuid, "upper_id" uuid) LANGUAGE sql STABLE AS $$
  SELECT p.name, p.lower_id, p.upper_id FROM journal.partitions() p WHERE journal.moment_of(p.upper_id) < now() - interval '1 day'
$$;

-- Removes the rows of runs that are to be deleted, but for those in closed partitions: they are only counted, and go with
-- their partition, which costs nothing for each row.
CREATE FUNCTION "journal"."forget_runs"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kept uuid[];
BEGIN
  WITH closed AS MATERIALIZED (SELECT * FROM journal.closed_partitions()),
  gone AS MATERIALIZED (
    SELECT c.name, r.id, r.last_seq FROM run r JOIN closed c ON r.id >= c.lower_id AND r.id < c.upper_id WHERE r.id = ANY(ids)
  ), counted AS (
    INSERT INTO journal.remains AS m (partition, events) SELECT name, sum(last_seq) FROM gone GROUP BY name ORDER BY name
    ON CONFLICT (partition) DO UPDATE SET events = m.events + excluded.events
  )
  SELECT array_agg(id) INTO kept FROM unnest(ids) AS id WHERE id NOT IN (SELECT gone.id FROM gone);
  IF kept IS NOT NULL THEN
    DELETE FROM run_event WHERE run_id = ANY(kept);
  END IF;
END
$$;

-- Drops the first closed partition in whose range there is no run any more. The parent is locked before the partition, as readers
-- do; who would have to wait for longer than its lock_timeout gets an error, and tries again another time. Answers its name, or
-- null where there is none.
CREATE FUNCTION "journal"."drop_empty_partition"() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT * FROM journal.closed_partitions() LOOP
    CONTINUE WHEN EXISTS (SELECT FROM run WHERE id >= one.lower_id AND id < one.upper_id);
    LOCK TABLE ONLY public.run_event IN ACCESS EXCLUSIVE MODE;
    -- A run that was being inserted meanwhile holds a lock on the parent until it can be seen.
    CONTINUE WHEN EXISTS (SELECT FROM run WHERE id >= one.lower_id AND id < one.upper_id);
    EXECUTE format('DROP TABLE journal.%I', one.name);
    DELETE FROM journal.remains WHERE partition = one.name;
    RETURN one.name;
  END LOOP;
  RETURN NULL;
END
$$;

-- Cleans the closed partition that has lain longest with rows of runs that are gone, at most once a day each. Where they are
-- many and the rest is small enough to be copied in a moment, the rest moves into a new table that takes the partition's place,
-- and the disk comes back; else they are deleted. Runs of its range may go on meanwhile: writers of this one partition wait,
-- readers do not. Answers its name, or null where none needed it.
CREATE FUNCTION "journal"."clean_partition"(most_copied bigint DEFAULT 1000000) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  one record;
  lines bigint;
BEGIN
  SELECT c.*, m.events INTO one FROM journal.closed_partitions() c JOIN journal.remains m ON m.partition = c.name
  WHERE m.events > 0 AND m.cleaned_at < now() - interval '1 day' ORDER BY m.cleaned_at LIMIT 1 FOR UPDATE OF m SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  EXECUTE format('LOCK TABLE journal.%I IN EXCLUSIVE MODE', one.name);
  SELECT greatest(reltuples, 0) INTO lines FROM pg_class WHERE oid = ('journal.' || quote_ident(one.name))::regclass;
  IF one.events * 2 >= lines AND lines - one.events <= most_copied THEN
    EXECUTE format('CREATE TABLE journal.%I (LIKE public.run_event INCLUDING DEFAULTS INCLUDING INDEXES)', one.name || '_next');
    EXECUTE format('INSERT INTO journal.%I SELECT e.* FROM journal.%I e WHERE EXISTS (SELECT FROM run WHERE run.id = e.run_id)',
      one.name || '_next', one.name);
    -- So that attaching it need not look at each row.
    EXECUTE format('ALTER TABLE journal.%I ADD CONSTRAINT in_range CHECK (run_id >= %L AND run_id < %L)', one.name || '_next', one.lower_id, one.upper_id);
    EXECUTE format('ALTER TABLE public.run_event DETACH PARTITION journal.%I', one.name);
    EXECUTE format('DROP TABLE journal.%I', one.name);
    EXECUTE format('ALTER TABLE journal.%I RENAME TO %I', one.name || '_next', one.name);
    EXECUTE format('ALTER TABLE public.run_event ATTACH PARTITION journal.%I FOR VALUES FROM (%L) TO (%L)', one.name, one.lower_id, one.upper_id);
    EXECUTE format('ALTER TABLE journal.%I DROP CONSTRAINT in_range', one.name);
  ELSE
    EXECUTE format('DELETE FROM journal.%I e WHERE NOT EXISTS (SELECT FROM run WHERE run.id = e.run_id)', one.name);
  END IF;
  UPDATE journal.remains SET events = 0, cleaned_at = now() WHERE partition = one.name;
  RETURN one.name;
END
$$;

-- Months that hold nothing become weeks: those made ahead, and in a new database all.
DO $$
DECLARE
  one record;
  filled boolean;
BEGIN
  FOR one IN SELECT * FROM journal.partitions() ORDER BY lower_id DESC LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM journal.%I)', one.name) INTO filled;
    EXIT WHEN filled;
    EXECUTE format('DROP TABLE journal.%I', one.name);
  END LOOP;
END
$$;
SELECT "journal"."ensure_partitions"();
