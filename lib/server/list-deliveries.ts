import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listDeliveries as contract, Delivery, redeliver as redeliverContract } from '#lib/contracts/deliveries.ts';
import { type DeliveryRecord, deliveriesOf, sendAgain } from '#lib/db/deliveries.ts';
import { safeAddress } from '#lib/steps/outgoing.ts';
import { loadRun } from './run-view.ts';

/** The callbacks of a run with their attempts. */
export async function listDeliveries(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const run = await loadRun(access, params.run_id);
  const deliveries = (await deliveriesOf(run.uuid)).map(view);
  return { deliveries, total: deliveries.length };
}

/** Sends a callback again, as soon as a worker sees it. */
export async function redeliver(
  access: Access,
  { params }: InputOf<typeof redeliverContract>,
): Promise<AnswerOf<typeof redeliverContract>> {
  const run = await loadRun(access, params.run_id);
  const found = await sendAgain(run.uuid, params.delivery_id, new Date());
  if (!found) throw new AppError('not_found', 'This run has no such callback.');
  return { delivery_id: params.delivery_id };
}

function view(record: DeliveryRecord): Delivery {
  return {
    id: record.id,
    type: record.kind,
    // Its query may hold a token.
    url: safeAddress(record.url),
    status: record.status as Delivery['status'],
    next_attempt_at: record.nextAt?.toISOString() ?? null,
    created_at: record.createdAt.toISOString(),
    delivered_at: record.deliveredAt?.toISOString() ?? null,
    attempts: record.attempts.map((attempt) => ({
      number: attempt.number,
      at: attempt.at.toISOString(),
      duration_seconds: attempt.durationMs / 1000,
      status_code: attempt.statusCode,
      error: attempt.error,
    })),
  };
}
