-- The index on what is due was made twice (0001 has it as "delivery_due_idx"): every delivery paid for both.
DROP INDEX "delivery_due";
