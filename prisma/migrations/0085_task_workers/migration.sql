-- Task workers: processes of a workspace's own, which ask for work over HTTP. Such a row is of one workspace, and holds no connection
-- of the database and so no lock: it lives by its lease alone, which its requests prolong.
ALTER TABLE "worker" ADD COLUMN "workspace_id" UUID;
ALTER TABLE "worker" ADD COLUMN "lease_ms" INTEGER;
ALTER TABLE "worker" ALTER COLUMN "lock_key" DROP NOT NULL;
