// @ts-check
/** `npm run check`: everything that needs neither a database nor a browser, in seconds. */
import { newTally, runFastChecks, summarize } from './checks.mjs';
import { install, isInstalled } from './install.mjs';
import { phase } from './output.mjs';

const started = Date.now();
const tally = newTally();
if (!isInstalled({ development: true })) await phase('install packages', () => install({ development: true }));
await runFastChecks(tally);
summarize(tally, started);
