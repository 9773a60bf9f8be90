-- How long a run may last from its start, how long it is kept after its end, and when it goes.
ALTER TABLE "run" ADD COLUMN "timeout_ms" BIGINT, ADD COLUMN "retention" JSON, ADD COLUMN "expires_at" TIMESTAMPTZ(3);
CREATE INDEX "run_expires" ON "run" ("expires_at") WHERE "expires_at" IS NOT NULL;

-- What a workflow's runs are kept for when their start does not say: { "success": seconds, "error": seconds }.
ALTER TABLE "workflow" ADD COLUMN "retention" JSON;

-- The body of a callback is made when it is first sent: of the run's events up to `run_seq`, the end that it tells of.
ALTER TABLE "delivery" ALTER COLUMN "body" DROP NOT NULL, ADD COLUMN "run_seq" INTEGER;
CREATE INDEX "delivery_due" ON "delivery" ("next_at") WHERE "status" = 'pending';

CREATE TABLE "delivery_attempt" (
    "delivery_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "status_code" INTEGER,
    "error" TEXT,

    CONSTRAINT "delivery_attempt_pkey" PRIMARY KEY ("delivery_id", "number"),
    CONSTRAINT "delivery_attempt_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "delivery" ("id") ON DELETE CASCADE
);

-- Which signing secret of a workspace is in force. The secret itself is derived from the instance's key and stored nowhere.
CREATE TABLE "signing" (
    "workspace_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "rotated_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_pkey" PRIMARY KEY ("workspace_id"),
    CONSTRAINT "signing_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace" ("id") ON DELETE CASCADE
);

CREATE INDEX "audit_target" ON "audit" ("workspace_id", "target_id", "id" DESC);

-- Whatever ends a run (its owner's flush, a change to a run that nobody drives), ends it here: the callback goes into the
-- table of deliveries and the time is set at which the run is removed, in the statement that writes the final status.
CREATE FUNCTION run_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status NOT IN ('completed', 'failed', 'cancelled') THEN
    NEW.expires_at := NULL;
    RETURN NEW;
  END IF;
  NEW.expires_at := NEW.completed_at + make_interval(
    secs => (NEW.retention ->> CASE NEW.status WHEN 'completed' THEN 'success' ELSE 'error' END)::float8);
  IF NEW.callback_url IS NOT NULL THEN
    INSERT INTO delivery (id, workspace_id, run_id, kind, url, run_seq, next_at)
    VALUES (gen_random_uuid(), NEW.workspace_id, NEW.id, 'run.' || NEW.status, NEW.callback_url, NEW.last_seq, now());
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER run_settled BEFORE UPDATE OF status ON run FOR EACH ROW
WHEN (OLD.status IS DISTINCT FROM NEW.status
  AND (NEW.callback_url IS NOT NULL OR NEW.retention IS NOT NULL)
  AND (NEW.status IN ('completed', 'failed', 'cancelled') OR OLD.status IN ('completed', 'failed', 'cancelled')))
EXECUTE FUNCTION run_settled();
