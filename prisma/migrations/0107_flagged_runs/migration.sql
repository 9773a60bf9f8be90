-- Of the runs that somebody wants something of there are few at a time. Not by owner: that changes with every claim, and an
-- index of it would cost each of them an entry.
CREATE INDEX "run_flagged_idx" ON "run" ("id") WHERE "control" <> 'none';
