-- Outputs that steps are given in test runs instead of running. They stand beside the draft and in no definition.
CREATE TABLE "pin" (
    "workflow_id" UUID NOT NULL,
    "step_id" TEXT NOT NULL,
    "output" JSON NOT NULL,
    "updated_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pin_pkey" PRIMARY KEY ("workflow_id", "step_id")
);
ALTER TABLE "pin" ADD CONSTRAINT "pin_workflow_id_fkey" FOREIGN KEY ("workflow_id") REFERENCES "workflow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Test runs of one workflow are looked up by the editor each time it opens.
CREATE INDEX "run_test_idx" ON "run" ("workflow_id", "id") WHERE "trigger" = 'test';
