import { AppError } from '#lib/base/errors.ts';
import { escapePointer } from '#lib/base/json.ts';

/** Bytes of a request body, at most: a definition of 10,000 steps fits, a video does not. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** Levels of nesting, at most; deeper JSON is no definition or input but an attack on a recursive reader. */
export const MAX_DEPTH = 100;

/**
 * The JSON body of a request, or `undefined` where there is none. Refuses other media types (415), more bytes than
 * allowed (413, without reading on), bytes that are no UTF-8 and text that is no JSON (400), nesting deeper than
 * `MAX_DEPTH` and text that PostgreSQL cannot keep: NUL and lone surrogates (422, with the place).
 */
export async function readJsonBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<{ value: unknown; text: string } | undefined> {
  const bytes = await readLimited(request, maxBytes);
  if (bytes.byteLength === 0) return undefined;
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[a-z.+-]+\+)?json\b/i.test(type)) {
    throw new AppError('unsupported_media_type', 'Send the body as JSON, with the header Content-Type: application/json.');
  }
  const text = decode(bytes);
  const value = parse(text);
  checkTree(value);
  return { value, text };
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('payload_too_large', `The body is larger than the ${Math.floor(maxBytes / 1024)} KiB that are accepted.`);
}

/**
 * All bytes of a request's body. Throws `payload_too_large` at once where the length is declared, else as soon as there are
 * more than allowed. The rest is left unread, not cancelled: the server drains a little of it, so that the caller gets to
 * read the refusal instead of a broken connection.
 */
export async function readLimited(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  // The server holds a body to its declared length, and gives it out whole at a fraction of what its stream costs.
  if (declared !== null) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  }
  if (request.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength;
    chunks.push(next.value);
    if (size <= maxBytes) continue;
    reader.releaseLock();
    throw tooLarge(maxBytes);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('bad_request', 'The body is not valid UTF-8 text.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = /position \d+(?: \(line \d+ column \d+\))?/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new AppError('bad_request', `The body is not valid JSON${place ? `: the fault is at ${place}` : ''}.`);
  }
}

/** Walks without recursion, so that no depth can overflow the stack before it is refused. */
function checkTree(root: unknown): void {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '', depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, path, depth } = entry;
    if (typeof value === 'string') checkText(value, path);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw refuse(path, 'too_deep', `Nested deeper than ${MAX_DEPTH} levels`);
    for (const [key, member] of Object.entries(value)) {
      const at = typeof member === 'object' || typeof member === 'string' ? `${path}/${escapePointer(key)}` : path;
      if (!Array.isArray(value)) checkText(key, at);
      stack.push({ value: member, path: at, depth: depth + 1 });
    }
  }
}

function checkText(text: string, path: string): void {
  if (text.includes('\u0000')) throw refuse(path, 'nul_character', 'Text must not contain the NUL character');
  if (!text.isWellFormed()) throw refuse(path, 'lone_surrogate', 'Text must not contain half a surrogate pair');
}

function refuse(path: string, code: string, message: string): AppError {
  return new AppError('validation_error', message, { details: [{ path: path.toWellFormed().replaceAll('\u0000', ''), code, message }] });
}
