import { describe, expect, it } from 'vitest';
import { bearerKey, hashApiKey, makeApiKey, shownPrefix } from './api-key.ts';
import { permissionsOf, readScopes, roleFor } from './roles.ts';

describe('API keys', () => {
  it('makes keys that are read back from the header', () => {
    const key = makeApiKey();
    expect(bearerKey(new Headers({ authorization: `Bearer ${key}` }))).toBe(key);
    expect(bearerKey(new Headers({ authorization: `bearer ${key}` }))).toBe(key);
    expect(shownPrefix(key)).toBe(key.slice(0, 9));
    expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(makeApiKey()).not.toBe(key);
  });

  it('tells no header from a header without a key', () => {
    expect(bearerKey(new Headers())).toBeNull();
    for (const header of ['', 'Basic abc', 'Bearer', 'Bearer nothing-of-ours', `Bearer wl_${'x'.repeat(300)}`]) {
      expect(bearerKey(new Headers({ authorization: header }))).toBe('');
    }
  });
});

describe('roles', () => {
  it('lets a viewer read only', () => {
    expect([...permissionsOf('viewer')].every((permission) => permission.endsWith(':read'))).toBe(true);
  });

  it('finds the weakest role for some scopes', () => {
    expect(roleFor(new Set(['runs:read']))).toBe('viewer');
    expect(roleFor(new Set(['runs:write']))).toBe('editor');
    expect(roleFor(new Set(['keys:manage']))).toBe('admin');
  });

  it('drops scopes that this release does not know', () => {
    expect([...readScopes(['runs:read', 'moon:walk'])]).toEqual(['runs:read']);
  });
});
