import { randomFillSync } from 'node:crypto';

/**
 * Ids on the wire and in the domain are `<prefix>_<32 hex digits>`; the digits are a UUIDv7 (RFC 9562 §5.7), so ids
 * sort by the time they were made and the database can keep them as `uuid`.
 */
export const ID_PREFIXES = [
  'wf',
  'ver',
  'run',
  'sched',
  'tpl',
  'key',
  'agent',
  'ws',
  'user',
  'hook',
  'call',
  'appr',
  'worker',
  'audit',
  'dlv',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

let lastMillis = 0;
let sequence = 0;
/** Random bytes in stock: asking for eight at a time costs more than all else that an id takes. */
const stock = Buffer.alloc(4096);
let used = stock.length;

function randomTail(): Buffer {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += 8;
  return stock.subarray(used - 8, used);
}

/** A fresh UUIDv7. Within one process and millisecond the 12 bits after the version count up, so order holds. */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMillis) {
    lastMillis = now;
    sequence = randomTail().readUInt8(0);
  } else {
    sequence += 1;
    if (sequence > 0xfff) {
      lastMillis += 1;
      sequence = 0;
    }
  }
  const time = lastMillis.toString(16).padStart(12, '0');
  const tail = randomTail();
  tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
  const hex = `${time}7${sequence.toString(16).padStart(3, '0')}${tail.toString('hex')}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A fresh id such as `run_0192f0c1…`. */
export function newId(prefix: IdPrefix): string {
  return idFromUuid(prefix, uuidv7());
}

/** The wire form of a database uuid. */
export function idFromUuid(prefix: IdPrefix, uuid: string): string {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}

/** The database uuid of a wire id, or null when the text is no id of that kind (then nothing can be found by it). */
export function uuidFromId(prefix: IdPrefix, id: string): string | null {
  if (!id.startsWith(`${prefix}_`)) return null;
  const hex = id.slice(prefix.length + 1);
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
