/** As much of an iteration as its look needs. */
export interface Looked {
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled';
  readonly steps: readonly { readonly status: string; readonly loop: { readonly iterations: readonly Looked[] } | null }[];
}

/** How an iteration stands: one in which nothing is at work and something waits is shown as waiting, not as running. */
export function iterationLook({ status, steps }: Looked): Looked['status'] | 'waiting' {
  if (status !== 'running') return status;
  let waits = false;
  for (const step of steps) {
    if (step.status === 'waiting') waits = true;
    if (step.status !== 'running') continue;
    const open = step.loop?.iterations.filter((one) => one.status === 'running') ?? [];
    if (open.length === 0 || open.some((one) => iterationLook(one) !== 'waiting')) return 'running';
    waits = true;
  }
  return waits ? 'waiting' : 'running';
}
