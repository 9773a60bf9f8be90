import { expect, test } from 'vitest';
import { iterationLook, type Looked } from './iteration-look.ts';

function iteration(...statuses: readonly (string | readonly Looked[])[]): Looked {
  const steps = statuses.map((one) =>
    typeof one === 'string' ? { status: one, loop: null } : { status: 'running', loop: { iterations: one } },
  );
  return { status: 'running', steps };
}

test('an iteration waits when nothing of it is at work and something of it waits', () => {
  expect(iterationLook(iteration('completed', 'waiting', 'pending'))).toBe('waiting');
  expect(iterationLook(iteration('waiting', 'running'))).toBe('running');
  expect(iterationLook(iteration('completed', 'pending'))).toBe('running');
  expect(iterationLook({ ...iteration('waiting'), status: 'cancelled' })).toBe('cancelled');
});

test('a loop inside of it waits as its iterations do', () => {
  expect(iterationLook(iteration([iteration('waiting'), { ...iteration('completed'), status: 'completed' }]))).toBe('waiting');
  expect(iterationLook(iteration([iteration('waiting'), iteration('running')]))).toBe('running');
  expect(iterationLook(iteration([]))).toBe('running');
});
