import type { Json } from '#lib/base/json.ts';
import { SECRET_VALUE_MIN } from '#lib/contracts/secrets.ts';

/** What stands where a secret stood. */
export const MASK = '[SECRET]';
/** Shorter values can't be told from ordinary text; they are refused when a secret is stored. */
const SHORTEST_SECRET = SECRET_VALUE_MIN;
/** Values up to this length are found in any mixture of encodings, longer ones in each encoding as a whole. */
const MIXED_LENGTH = 400;

const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const ESCAPES: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

/**
 * Takes secrets out of everything that a step lets be seen: the values themselves, percent-encoded, escaped in JSON or
 * HTML, in base64 (also in the middle of something longer, as in an Authorization header) and in hex. Values are added
 * as they become known.
 */
export class SecretMask {
  readonly #values = new Set<string>();
  readonly #numbers = new Set<number>();
  #pattern: RegExp | null = null;

  /** Hides a text, its lines, and every text within a value. What is too short to be told apart is left. */
  add(value: Json | undefined): void {
    if (typeof value === 'string') {
      this.#addText(value);
      if (/[\r\n]/.test(value)) for (const line of value.split(/\r\n|\r|\n/)) this.#addText(line.trim());
    } else if (typeof value === 'number') {
      this.#addText(String(value));
    } else if (typeof value === 'object' && value !== null) {
      for (const member of Object.values(value)) this.add(member);
    }
  }

  #addText(text: string): void {
    if (text.length < SHORTEST_SECRET || this.#values.has(text)) return;
    this.#values.add(text);
    this.#pattern = null;
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number)) this.#numbers.add(number);
  }

  /** The text without the secrets. */
  text(text: string): string {
    return text.length < SHORTEST_SECRET ? text : text.replace(this.#compiled(), MASK);
  }

  /** The value without the secrets, names of members included. */
  json<T extends Json>(value: T): T {
    return this.#json(value) as T;
  }

  #json(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.#numbers.has(value) || this.text(String(value)) !== String(value) ? MASK : value;
    if (Array.isArray(value)) return value.map((item) => this.#json(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.text(name), this.#json(member as Json)]));
  }

  #compiled(): RegExp {
    if (this.#pattern === null) {
      // The longest first: where one secret begins like another, nothing of the longer may be left.
      const values = [...this.#values].sort((a, b) => b.length - a.length);
      const sources = values.flatMap((value) => [asWritten(value), ...encodings(value).map(quote)]);
      this.#pattern = new RegExp(sources.length === 0 ? '(?!)' : sources.join('|'), 'gu');
    }
    return this.#pattern;
  }
}

/** A pattern of the value in which each character may be as it is, percent-encoded, or escaped as in JSON or HTML. */
function asWritten(value: string): string {
  if (value.length > MIXED_LENGTH) {
    const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())];
    return forms.map(quote).join('|');
  }
  return [...value].map((character) => `(?:${formsOf(character).join('|')})`).join('');
}

function formsOf(character: string): string[] {
  const code = character.codePointAt(0) ?? 0;
  const percent = [...Buffer.from(character.toWellFormed(), 'utf8')].map((byte) => `%${eitherCase(byte.toString(16).padStart(2, '0'))}`);
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const escaped = units.map((unit) => `\\\\+u${eitherCase(unit.toString(16).padStart(4, '0'))}`).join('');
  // Escaped once, or again each time that text stands within text.
  const forms = [quote(character), percent.join(''), escaped, `&#0*${code};`, `&#[xX]0*${eitherCase(code.toString(16))};`];
  if (character === ' ') forms.push('\\+');
  if (['"', '\\', '/'].includes(character)) forms.push(`\\\\+${quote(character)}`);
  const letter = ESCAPES[character];
  if (letter !== undefined) forms.push(`\\\\+${letter}`);
  const entity = ENTITIES[character];
  if (entity !== undefined) forms.push(`&${entity};`);
  return forms;
}

function eitherCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** Base64 and hex of the value, as they look alone and within something longer. */
function encodings(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const forms = [bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
  for (const before of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    // Only the digits that hang on the value alone: those at its ends also depend on what stands beside it.
    const inner = whole.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
    forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(forms)];
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
