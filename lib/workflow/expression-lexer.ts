/**
 * Reads the words of a JSONata expression the way its own tokenizer does, for three needs that the parser does not
 * serve: finding the `}}` that ends a template, accepting `==`, `&&` and `||`, and telling where a name stands.
 */
export interface Token {
  readonly kind: 'name' | 'quoted-name' | 'string' | 'number' | 'variable' | 'regex' | 'operator';
  readonly start: number;
  readonly end: number;
}

/** Every character that ends a name in JSONata. */
const OPERATOR_CHARACTERS = new Set('.[]{}(),@#;:?+-*/%|=<>^&!~');
const SPACE = new Set(' \t\n\r\v');
const TWO_CHARACTER_OPERATORS = new Set(['..', ':=', '!=', '>=', '<=', '**', '~>', '?:', '??', '==', '&&', '||']);
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?/y;

/** Words that are operators when a value stands before them, and names otherwise. */
const WORD_OPERATORS = new Set(['and', 'or', 'in']);
/** Operators that are values of their own where a value is expected: wildcard, descendants, parent. */
const VALUE_OPERATORS = new Set(['*', '**', '%']);

export interface Scan {
  readonly tokens: readonly Token[];
  /** Offset of the `}}` that ends the template; the end of the text where it was not asked for; null without an end. */
  readonly end: number | null;
}

/** The tokens from `from` on, up to the `}}` outside of strings, comments, names and braces when `template` is set. */
export function scanExpression(text: string, from = 0, template = false): Scan {
  const tokens: Token[] = [];
  let at = from;
  let depth = 0;
  /** True when a value stands before: then `/` divides and `*` multiplies. */
  let afterValue = false;
  const push = (kind: Token['kind'], end: number, value: boolean): void => {
    tokens.push({ kind, start: at, end });
    at = end;
    afterValue = value;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (SPACE.has(character)) {
      at += 1;
    } else if (character === '/' && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return { tokens, end: null };
      at = end + 2;
    } else if (character === '/' && !afterValue) {
      const end = regexEnd(text, at + 1);
      if (end === null) return { tokens, end: null };
      push('regex', end, true);
    } else if (character === '"' || character === "'") {
      const end = stringEnd(text, at);
      if (end === null) return { tokens, end: null };
      push('string', end, true);
    } else if (character === '`') {
      const end = text.indexOf('`', at + 1);
      if (end < 0) return { tokens, end: null };
      push('quoted-name', end + 1, true);
    } else if (OPERATOR_CHARACTERS.has(character)) {
      if (template && depth === 0 && text.startsWith('}}', at)) return { tokens, end: at };
      const pair = text.slice(at, at + 2);
      const operator = TWO_CHARACTER_OPERATORS.has(pair) ? pair : character;
      if (operator === '{') depth += 1;
      if (operator === '}') depth = Math.max(0, depth - 1);
      const closes = operator === ')' || operator === ']' || operator === '}';
      push('operator', at + operator.length, closes || (!afterValue && VALUE_OPERATORS.has(operator)));
    } else {
      NUMBER.lastIndex = at;
      const digits = character >= '0' && character <= '9' ? NUMBER.exec(text) : null;
      if (digits) {
        push('number', at + digits[0].length, true);
        continue;
      }
      let end = at + 1;
      while (end < text.length && !OPERATOR_CHARACTERS.has(text.charAt(end)) && !SPACE.has(text.charAt(end))) end += 1;
      if (character === '$') push('variable', end, true);
      else if (afterValue && WORD_OPERATORS.has(text.slice(at, end))) push('operator', end, false);
      else push('name', end, true);
    }
  }
  return { tokens, end: template ? null : text.length };
}

function stringEnd(text: string, start: number): number | null {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return null;
}

/** End of a regular expression whose first character is at `start`: a `/` that is neither escaped nor in brackets. */
function regexEnd(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      at += 1;
    } else if (character === '/' && depth === 0) {
      let end = at + 1;
      while (text[end] === 'i' || text[end] === 'm') end += 1;
      return end;
    } else if ('([{'.includes(character)) {
      depth += 1;
    } else if (')]}'.includes(character)) {
      depth -= 1;
    }
  }
  return null;
}

export interface Translation {
  /** The expression in pure JSONata. */
  readonly jsonata: string;
  /** Offset in the author's text of an offset in the translation. */
  original(offset: number): number;
}

const ALIASES: Readonly<Record<string, string>> = { '==': '=', '&&': ' and ', '||': ' or ' };

/** Writes `==`, `&&`, `||` as `=`, `and`, `or`. What ends two nested transforms (`|a|b~>|c|d||`) stays as it is. */
export function translateAliases(text: string): Translation {
  const { tokens } = scanExpression(text);
  let jsonata = '';
  let copied = 0;
  const pieces: { readonly to: number; readonly from: number }[] = [{ to: 0, from: 0 }];
  let transforms = 0;
  let value = false;
  for (const token of tokens) {
    const word = token.kind === 'operator' ? text.slice(token.start, token.end) : '';
    if (word === '|') transforms += value ? 0 : 1;
    const alias = word === '||' && transforms > 1 ? undefined : ALIASES[word];
    if (alias !== undefined) {
      jsonata += text.slice(copied, token.start);
      pieces.push({ to: jsonata.length, from: token.start });
      jsonata += alias;
      pieces.push({ to: jsonata.length, from: token.end });
      copied = token.end;
    }
    value = token.kind !== 'operator' || ')]}'.includes(word);
  }
  if (copied === 0) return { jsonata: text, original: (offset) => offset };
  jsonata += text.slice(copied);
  return {
    jsonata,
    original(offset) {
      const piece = pieces.findLast((candidate) => candidate.to <= offset) ?? { to: 0, from: 0 };
      const next = pieces[pieces.indexOf(piece) + 1];
      return Math.min(piece.from + (offset - piece.to), next?.from ?? text.length);
    },
  };
}
