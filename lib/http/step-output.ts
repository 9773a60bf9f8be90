import { getStepOutput } from '#lib/contracts/runs.ts';
import { guarded } from '#lib/http/handle.ts';
import { getStepOutput as read } from '#lib/server/get-step-output.ts';

/** `GET …/runs/{run_id}/steps/{step_key}/output`: the value as JSON, bytes as octet-stream (never as what they claim to be). */
export const stepOutputOperation = guarded(getStepOutput, async (call, access) => {
  const output = await read(access, call.input);
  const headers = { 'x-request-id': call.requestId, 'cache-control': 'no-store' };
  if (output.kind === 'json') return Response.json(output.value, { headers });
  const name = encodeURIComponent(output.name.split('/').at(-1) ?? 'output');
  return new Response(output.bytes, {
    headers: {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
    },
  });
});
