import type { Hook, HookCall } from '#lib/contracts/hooks.ts';

export const ACTION_OPTIONS = [
  { value: 'start', label: 'Starts a run' },
  { value: 'event', label: 'Is an event for runs that wait' },
] as const;
export const ANSWER_OPTIONS = [
  { value: 'accepted', label: 'At once, with the id of the run' },
  { value: 'result', label: 'With the result of the run' },
] as const;
export const SIGNATURE_OPTIONS = [
  { value: 'none', label: 'Not checked' },
  { value: 'standard', label: 'Standard Webhooks' },
  { value: 'hmac', label: 'HMAC in a header (GitHub, Stripe)' },
] as const;

/** What a call of the hook does, in one line. */
export function hookLine(hook: Hook): string {
  const does = hook.action === 'event' ? `sends ${hook.event_type ?? 'an event'} to runs that wait` : 'starts a run';
  const answers = hook.action === 'start' && hook.answer === 'result' ? ', answers with its result' : '';
  const checked = hook.signature === 'none' ? '' : ', signature checked';
  return does + answers + checked;
}

/** What came of a call. */
export const OUTCOME_WORDS: Readonly<Record<HookCall['outcome'], string>> = {
  pending: 'Being taken in',
  started: 'Started a run',
  tested: 'Tested the draft',
  delivered: 'Delivered',
  refused: 'Refused',
};
