import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MASK, SecretMask } from './secret-mask.ts';

function masking(...secrets: string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask;
}

const FORMS: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => value,
  'for a URL': encodeURIComponent,
  'in lower-case percent signs': (value) => encodeURIComponent(value).replace(/%../g, (found) => found.toLowerCase()),
  'in a form': (value) => new URLSearchParams({ a: value }).toString().slice(2),
  'in JSON': (value) => JSON.stringify(value).slice(1, -1),
  'in JSON within JSON': (value) => JSON.stringify(JSON.stringify({ a: JSON.stringify(value) })),
  'in base64': (value) => Buffer.from(value).toString('base64'),
  'in base64url': (value) => Buffer.from(value).toString('base64url'),
  'in an Authorization header': (value) => `Basic ${Buffer.from(`ada:${value}`).toString('base64')}`,
  'in base64 of something longer': (value) => Buffer.from(`{"n":"${value}!"}`).toString('base64'),
  'in hex': (value) => Buffer.from(value).toString('hex'),
  'in HTML': (value) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
};

describe('a secret', () => {
  test.each(Object.entries(FORMS))('is hidden %s', (_name, form) => {
    const secret = fc.oneof(fc.string({ minLength: 8, maxLength: 60 }), fc.string({ minLength: 8, maxLength: 30, unit: 'grapheme' }));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(value.isWellFormed() && !MASK.includes(value));
        const shown = masking(value).text(`${before}${form(value)}${after}`);
        expect(shown).not.toContain(value);
        expect(shown).toContain(MASK);
      }),
    );
  });

  test('is hidden in every line that it has, and when it is long', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'.repeat(40)}\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----`;
    const shown = masking(key).text(`first\n${key.split('\n')[2]}\n${JSON.stringify(key)} ${encodeURIComponent(key)}`);
    expect(shown).toBe(`first\n${MASK}\n"${MASK}" ${MASK}`);
  });

  test('is hidden in numbers and in the names of members', () => {
    const mask = masking('12345678', 'hunter2-hunter2', '123456789012345678901234');
    expect(
      mask.json({
        a: 12345678,
        b: [1.5, 12345678901],
        'x hunter2-hunter2': { c: 'hunter2-hunter2' },
        d: Number('123456789012345678901234'),
      }),
    ).toEqual({
      a: MASK,
      b: [1.5, MASK],
      [`x ${MASK}`]: { c: MASK },
      d: MASK,
    });
  });

  test('that begins like another one leaves nothing of it', () => {
    expect(masking('password', 'password-and-more').text('password-and-more password')).toBe(`${MASK} ${MASK}`);
  });

  test('everything else stays as it is', () => {
    const value = { text: 'nothing to see', n: 42, yes: true, none: null, list: ['a', { b: 'c' }] };
    expect(masking('correct horse').json(value)).toEqual(value);
    expect(new SecretMask().json(value)).toEqual(value);
    expect(masking('short').text('short')).toBe('short');
  });
});
