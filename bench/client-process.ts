import { type FloodTask, flood, type OneByOneTask, oneByOne, type RepeatTask, repeat } from './starts.ts';
import { type FollowTask, follow } from './stream-readers.ts';

/** Whoever calls the servers under measurement, in a process of its own: real connections, keep-alive. */
export type ClientTask = FloodTask | OneByOneTask | RepeatTask | FollowTask;

function perform(task: ClientTask): Promise<unknown> {
  switch (task.kind) {
    case 'flood':
      return flood(task);
    case 'one_by_one':
      return oneByOne(task);
    case 'repeat':
      return repeat(task);
    case 'follow':
      return follow(task);
  }
}

process.on('message', (message: ClientTask | 'stop') => {
  if (message === 'stop') process.exit(0);
  perform(message).then(
    (answer) => process.send?.({ kind: 'answer', answer }),
    (error: Error) => process.send?.({ kind: 'error', message: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready' });
