// @ts-check
/** What the commands print while they work: one line a phase with its time, redrawn in place on a terminal. */

const terminal = process.stdout.isTTY === true && !process.env.CI;
const colored = terminal && !process.env.NO_COLOR;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const running = /** @type {Map<string, number>} */ (new Map());
let timer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
let frame = 0;

const paint = (/** @type {number} */ code) => (/** @type {string} */ text) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
export const dim = paint(2);
export const bold = paint(1);
export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);

/** @param {number} ms */
export function seconds(ms) {
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** @param {string} text a line that stays */
export function say(text) {
  clear();
  process.stdout.write(`${text}\n`);
  draw();
}

/**
 * Runs one phase and prints how long it took.
 * @template T
 * @param {string} title @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function phase(title, work) {
  const start = Date.now();
  running.set(title, start);
  if (terminal) timer ??= setInterval(tick, 90).unref();
  draw();
  try {
    const result = await work();
    finish(title, `${green('✓')} ${title} ${dim(seconds(Date.now() - start))}`);
    return result;
  } catch (error) {
    finish(title, `${red('✗')} ${title} ${dim(seconds(Date.now() - start))}`);
    throw error;
  }
}

/** @param {string} title @param {string} line */
function finish(title, line) {
  running.delete(title);
  say(`  ${line}`);
  if (running.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function tick() {
  frame += 1;
  draw();
}

function clear() {
  if (terminal) process.stdout.write('\r\u001b[2K');
}

function draw() {
  if (!terminal || running.size === 0) return;
  const titles = [...running].map(([title, start]) => `${title} ${dim(seconds(Date.now() - start))}`);
  process.stdout.write(`\r\u001b[2K  ${FRAMES[frame % FRAMES.length]} ${titles.join('  ')}`);
}
