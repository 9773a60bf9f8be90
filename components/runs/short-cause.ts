import { isJsonObject } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';

/**
 * The few words of an error that a card has room for. A card says already what its step does, so what leads up to the
 * cause is left out: the called address (`GET https://… answered 401 Unauthorized` → `401 Unauthorized`), or else the
 * words before a colon (`The script ended with exit code 1: no such file` → `no such file`). A quoted value after the
 * colon (`Unable to cast value to a number: ""`) is no cause; then the sentence stays whole.
 */
export function shortCause(error: RunError): string {
  const [line = ''] = error.message.split('\n');
  const address = isJsonObject(error.data) && typeof error.data.url === 'string' ? error.data.url : '';
  const at = address === '' ? -1 : line.indexOf(address);
  const tail = at >= 0 ? line.slice(at + address.length) : line.slice(line.search(/: (?!["'])/) + 1);
  return tail.replace(/^[\s:]*(answered )?/, '').trim() || line;
}
