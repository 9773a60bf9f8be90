import { z } from 'zod';
import { field } from '../field.ts';

const HeaderName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'Must be a header name');

/** What each kind of sign-in must be told. */
const NEEDED = { basic: ['username', 'password'], bearer: ['token'], header: ['name', 'value'], query: ['name', 'value'] } as const;

/** How a request proves who sends it. `value` wraps what may hold a template. */
export function httpAuth(value: <T extends z.ZodType>(schema: T) => z.ZodType<z.infer<T>>) {
  return z
    .strictObject({
      type: field(z.enum(['bearer', 'basic', 'header', 'query']), {
        title: 'Kind',
        description: 'bearer and basic send an Authorization header; header and query put a key where the API wants it.',
        widget: 'select',
        unset: 'None',
      }),
      token: field(value(z.string().min(1)).optional(), {
        title: 'Token',
        description: 'Sent as Authorization: Bearer.',
        examples: ['{{ secrets.API_TOKEN }}'],
        showWhen: { field: 'type', is: ['bearer'] },
      }),
      username: field(value(z.string().refine((name) => !name.includes(':'), 'Must not contain a colon')).optional(), {
        title: 'User',
        description: 'The user of basic sign-in.',
        showWhen: { field: 'type', is: ['basic'] },
      }),
      password: field(value(z.string()).optional(), {
        title: 'Password',
        description: 'The password of basic sign-in.',
        examples: ['{{ secrets.API_PASSWORD }}'],
        showWhen: { field: 'type', is: ['basic'] },
      }),
      name: field(value(HeaderName).optional(), {
        title: 'Name',
        description: 'The header or query parameter that carries the key.',
        examples: ['X-Api-Key'],
        showWhen: { field: 'type', is: ['header', 'query'] },
      }),
      value: field(value(z.string().min(1)).optional(), {
        title: 'Value',
        description: 'The key.',
        examples: ['{{ secrets.API_KEY }}'],
        showWhen: { field: 'type', is: ['header', 'query'] },
      }),
    })
    .superRefine((auth, context) => {
      for (const key of NEEDED[auth.type]) {
        if (auth[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: `A sign-in by ${auth.type} needs this` });
      }
    });
}

export type HttpAuth = z.infer<ReturnType<typeof httpAuth>>;

/** Puts the sign-in into headers or address. */
export function signIn(auth: HttpAuth | undefined, headers: Headers, url: URL): void {
  if (auth === undefined) return;
  switch (auth.type) {
    case 'bearer':
      headers.set('authorization', `Bearer ${auth.token}`);
      break;
    case 'basic':
      headers.set('authorization', `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`);
      break;
    case 'header':
      headers.set(String(auth.name), String(auth.value));
      break;
    case 'query':
      url.searchParams.set(String(auth.name), String(auth.value));
      break;
  }
}
