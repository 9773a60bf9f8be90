import { prismaAdapter } from 'better-auth/adapters/prisma';
import { betterAuth } from 'better-auth/minimal';
import { organization } from 'better-auth/plugins/organization';
import { adminAc, memberAc, ownerAc } from 'better-auth/plugins/organization/access';
import { readEnv } from '#lib/base/env.ts';
import { uuidv7 } from '#lib/base/ids.ts';
import { createLog } from '#lib/base/log.ts';
import { database } from '#lib/db/client.ts';
import { firstWorkspaceOf } from '#lib/db/members.ts';
import { trustedOrigins } from './same-origin.ts';

/** Header by which our own server tells the library the address of the TCP peer; what a client sends in it is dropped. */
export const CLIENT_ADDRESS_HEADER = 'x-weftline-client-address';
const SESSION_SECONDS = 30 * 86_400;
const log = createLog({ part: 'auth' });

export type Auth = ReturnType<typeof createAuth>;

const registry = globalThis as { weftlineAuth?: Auth };

/**
 * The sign-in library, made once per process (Next bundles a second copy of this module, hence `globalThis`). It does
 * passwords, sessions and memberships; who may do what is decided by `roles.ts`, API keys are a table of our own.
 */
export function auth(): Auth {
  registry.weftlineAuth ??= createAuth();
  return registry.weftlineAuth;
}

function createAuth() {
  const env = readEnv();
  if (env.WEFTLINE_SECRET === undefined)
    throw new Error('WEFTLINE_SECRET is not set: start with npm start, or set it to at least 32 random characters.');
  const origin = env.WEFTLINE_ORIGIN ?? `http://${env.HOST}:${env.PORT}`;
  return betterAuth({
    appName: 'Weftline',
    basePath: '/api/auth',
    baseURL: new URL(origin).origin,
    secret: env.WEFTLINE_SECRET,
    trustedOrigins: async (request) => trustedOrigins(request, env.WEFTLINE_ORIGIN),
    database: prismaAdapter(database(), { provider: 'postgresql', transaction: true }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 8, maxPasswordLength: 128 },
    session: { expiresIn: SESSION_SECONDS, updateAge: 86_400 },
    rateLimit: {
      enabled: true,
      storage: 'database',
      window: 60,
      max: 300,
      // Ten tries, then a minute without one: about 14,000 guesses a day from one address, each a slow scrypt.
      customRules: { '/sign-in/email': { window: 60, max: 10 } },
    },
    advanced: {
      database: { generateId: () => uuidv7() },
      cookiePrefix: 'weftline',
      useSecureCookies: origin.startsWith('https:'),
      // Explicit, because the library would switch the check off by itself where NODE_ENV is test.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    databaseHooks: {
      session: {
        create: {
          // A fresh session works in the first workspace that its person belongs to.
          before: async (session) => ({ data: { ...session, activeOrganizationId: await firstWorkspaceOf(session.userId) } }),
        },
      },
    },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        creatorRole: 'owner',
        roles: { owner: ownerAc, admin: adminAc, editor: memberAc, viewer: memberAc },
        schema: { organization: { modelName: 'workspace' } },
      }),
    ],
    telemetry: { enabled: false },
    logger: { level: 'warn', log: (level, message) => log[level === 'error' ? 'error' : 'warn'](message) },
  });
}
