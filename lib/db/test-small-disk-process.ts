import { keepPostgres } from '#scripts/keep-postgres.mjs';
import { startPostgres } from '#scripts/postgres.mjs';

/** The supervisor's part for a PostgreSQL on a file system that only this process and its children see. */
const folder = process.argv[2] ?? '';
const kept = { current: await startPostgres({ folder }) };
let stopping = false;
void keepPostgres(kept, { folder, stopping: () => stopping, complain: (text) => process.send?.({ complaint: text }) });
// Whoever asked for it is gone or has asked for its end.
process.once('disconnect', async () => {
  stopping = true;
  await kept.current.stop('immediate');
  process.exit(0);
});
process.send?.({ url: kept.current.url(), socketDir: kept.current.socketDir });
