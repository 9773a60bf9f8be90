import { database } from './client.ts';
import type { Prisma } from './generated/client.ts';

/** Which signing secret of a workspace is in force. */
export interface SigningState {
  /** Counts the rotations, from 1. */
  readonly generation: number;
  /** Null before the first rotation. */
  readonly rotatedAt: Date | null;
}

export async function signingOf(workspaceUuid: string): Promise<SigningState> {
  const row = await database().signing.findUnique({ where: { workspaceId: workspaceUuid } });
  return row ?? { generation: 1, rotatedAt: null };
}

/** Puts the next signing secret in force. */
export async function rotateSigning(client: Prisma.TransactionClient, workspaceUuid: string, now: Date): Promise<SigningState> {
  return client.signing.upsert({
    where: { workspaceId: workspaceUuid },
    create: { workspaceId: workspaceUuid, generation: 2, rotatedAt: now },
    update: { generation: { increment: 1 }, rotatedAt: now },
  });
}
