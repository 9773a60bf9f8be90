-- Runs that stand on one page move together, in one flush, each to a new row version. Only where the page has room for all
-- of them does no index need a new entry (measured at 75 %: one update in seven had none).
ALTER TABLE "run" SET (fillfactor = 45);
