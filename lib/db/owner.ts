import { uuidv7 } from '#lib/base/ids.ts';
import { database } from './client.ts';
import type { Prisma } from './generated/client.ts';

/** Any number that nothing else locks by: only one process at a time may make the first owner. */
const FIRST_OWNER_LOCK = 7_346_001;
const DEFAULT_SLUG = 'default';

/** True as soon as there is a person who can sign in. */
export async function hasOwner(client: Prisma.TransactionClient = database()): Promise<boolean> {
  return (await client.user.findFirst({ select: { id: true } })) !== null;
}

/** Runs `work` while no other process is inside; what it wrote is kept only if it does not throw. */
export async function whileAloneInSetUp<T>(work: (client: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  return database().$transaction(
    async (client) => {
      await client.$executeRaw`select pg_advisory_xact_lock(${FIRST_OWNER_LOCK})`;
      return work(client);
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
}

/** Uuid of the workspace `default`, made where it is missing. Call it inside `whileAloneInSetUp`. */
export async function ensureDefaultWorkspace(client: Prisma.TransactionClient, name: string): Promise<string> {
  const found = await client.workspace.findUnique({ where: { slug: DEFAULT_SLUG }, select: { id: true } });
  if (found !== null) return found.id;
  const made = await client.workspace.create({ data: { id: uuidv7(), name, slug: DEFAULT_SLUG }, select: { id: true } });
  return made.id;
}

/** Makes a person with a password and the role owner. The hash is the sign-in library's. Answers the user's uuid. */
export async function insertOwner(
  client: Prisma.TransactionClient,
  owner: { readonly name: string; readonly email: string; readonly passwordHash: string; readonly workspaceUuid: string },
): Promise<string> {
  const id = uuidv7();
  await client.user.create({
    data: {
      id,
      name: owner.name,
      email: owner.email.toLowerCase(),
      emailVerified: true,
      accounts: { create: { id: uuidv7(), accountId: id, providerId: 'credential', password: owner.passwordHash } },
      members: { create: { id: uuidv7(), organizationId: owner.workspaceUuid, role: 'owner' } },
    },
  });
  return id;
}

/** Gives a workspace another name. */
export async function renameWorkspace(client: Prisma.TransactionClient, workspaceUuid: string, name: string): Promise<void> {
  await client.workspace.updateMany({ where: { id: workspaceUuid, NOT: { name } }, data: { name } });
}
