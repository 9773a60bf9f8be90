import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import { BLOB_THRESHOLD, blobHash, type NewBlob } from './blobs.ts';

/** A text as an element of an array: what JSON escapes is what an array escapes, as long as there is no control character. */
export function element(text: string): string {
  return JSON.stringify(text);
}

/** Gathers journal rows, each column as the text of an array. */
export class RowArrays {
  readonly #places: number[] = [];
  readonly #seqs: number[] = [];
  readonly #types: string[] = [];
  readonly #steps: string[] = [];
  readonly #attempts: (number | 'NULL')[] = [];
  readonly #times: number[] = [];
  readonly #data: string[] = [];

  /** Adds a row of the run at a place of the batch; large values move to `blobs`. */
  add(place: number, runId: string, row: JournalRow, blobs: NewBlob[]): void {
    this.#places.push(place);
    this.#seqs.push(row.seq);
    this.#types.push(row.type);
    this.#steps.push(row.step === null ? 'NULL' : `"${row.step}"`);
    this.#attempts.push(row.attempt ?? 'NULL');
    this.#times.push(row.at / 1000);
    const text = dataText(runId, row, blobs);
    this.#data.push(text === '{}' ? 'NULL' : element(text));
  }

  values(): string[] {
    const columns = [this.#places, this.#seqs, this.#types, this.#steps, this.#attempts, this.#times, this.#data];
    return columns.map((cells) => `{${cells.join(',')}}`);
  }
}

/** Says that a value is none that JSON can carry, as the database would say it. */
const INVALID_JSON = '22P02';

/** Throws what only the run of the row has to answer for. */
function textOf(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw Object.assign(new Error(`not all of it is JSON (${errorMessage(cause)})`, { cause }), { code: INVALID_JSON });
  }
}

/** Members of an event that may be large. */
const BULKY: readonly string[] = ['output', 'data', 'error', 'start', 'payload'];

function dataText(runId: string, row: JournalRow, blobs: NewBlob[]): string {
  const text = textOf(row.data);
  if (text.length <= BLOB_THRESHOLD) return text;
  const small: Record<string, Json> = {};
  const places: Record<string, string> = {};
  for (const [field, value] of Object.entries(row.data)) {
    const valueText = BULKY.includes(field) ? JSON.stringify(value) : '';
    if (valueText.length <= BLOB_THRESHOLD) {
      small[field] = value;
      continue;
    }
    const hash = blobHash(valueText);
    places[field] = hash;
    if (!blobs.some((blob) => blob.hash === hash && blob.runId === runId)) blobs.push({ hash, text: valueText, runId });
  }
  return JSON.stringify({ ...small, blobs: places });
}
