-- Inbound hooks: addresses of a workflow that other services call, and what they sent.
DROP TABLE "hook";
CREATE TABLE "hook" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "workflow_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "token_hint" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "action" TEXT NOT NULL DEFAULT 'start',
    "event_type" TEXT,
    "answer" TEXT NOT NULL DEFAULT 'accepted',
    "answer_seconds" INTEGER NOT NULL DEFAULT 30,
    "signature" TEXT NOT NULL DEFAULT 'none',
    "signature_header" TEXT,
    "sealed_secret" BYTEA,
    "dedupe_header" TEXT,
    "listen_until" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "hook_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "hook_workflow_id_fkey" FOREIGN KEY ("workflow_id") REFERENCES "workflow"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "hook_token_hash_key" ON "hook"("token_hash");
CREATE INDEX "hook_workflow_id_idx" ON "hook"("workflow_id");

CREATE TABLE "hook_call" (
    "id" UUID NOT NULL,
    "hook_id" UUID NOT NULL,
    "dedupe_key" TEXT,
    "method" TEXT NOT NULL,
    "query" JSON NOT NULL,
    "headers" JSON NOT NULL,
    "body" JSON NOT NULL,
    "size" INTEGER NOT NULL DEFAULT 0,
    "outcome" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "run_ids" UUID[] NOT NULL DEFAULT '{}',
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hook_call_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "hook_call_hook_id_fkey" FOREIGN KEY ("hook_id") REFERENCES "hook"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "hook_call_hook_id_dedupe_key_key" ON "hook_call"("hook_id", "dedupe_key");
CREATE INDEX "hook_call_hook_id_id_idx" ON "hook_call"("hook_id", "id" DESC);

-- Open waits are found by workspace (Approvals) and by workflow and event (hooks that deliver events).
ALTER TABLE "wait" ADD COLUMN "workspace_id" UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE "wait" ADD COLUMN "workflow_id" UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE "wait" ALTER COLUMN "workspace_id" DROP DEFAULT, ALTER COLUMN "workflow_id" DROP DEFAULT;
DROP INDEX "wait_token_key";
DROP INDEX "wait_match_key_idx";
DROP INDEX "wait_wake_idx";
CREATE INDEX "wait_workspace_id_kind_id_idx" ON "wait"("workspace_id", "kind", "id");
CREATE INDEX "wait_workflow_id_match_key_idx" ON "wait"("workflow_id", "match_key");
