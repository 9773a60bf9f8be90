import { expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { conversationOfEvents, conversationOfOutput } from './conversation.ts';

const CALL = { id: 'c1', name: 'http_request', input: { url: 'http://127.0.0.1/orders' } };
const USAGE = { input_tokens: 20, cached_tokens: 4, output_tokens: 5 };

let seq = 0;
function emitted(name: string, data: Json, step = 'answer'): RunEvent {
  seq += 1;
  return { seq, at: seq, type: 'step_emitted', step, attempt: 1, name, data };
}

test('an output is read as what was said, with the result of each call at its call', () => {
  const read = conversationOfOutput({
    text: 'Found',
    usage: { ...USAGE, model: 'm', calls: 2, cost: 0.01 },
    transcript: [
      { role: 'user', text: 'Where is it?' },
      { role: 'assistant', text: '', tool_calls: [CALL, { ...CALL, id: 'c2' }], usage: USAGE },
      { role: 'tool', results: [{ id: 'c2', name: 'http_request', ok: false, output: 'refused' }] },
      'nonsense',
      { role: 'assistant', text: 'Found', tool_calls: [] },
    ],
  });
  expect(read?.turns.map((turn) => [turn.role, turn.text])).toEqual([
    ['user', 'Where is it?'],
    ['assistant', ''],
    ['assistant', 'Found'],
  ]);
  expect(read?.turns[1]?.calls.map((call) => call.result)).toEqual([null, { ok: false, output: 'refused' }]);
  expect(read?.turns[1]?.tokens).toEqual({ read: 20, written: 5 });
  expect(read?.usage).toEqual({ model: 'm', calls: 2, read: 20, cached: 4, written: 5, cost: 0.01 });
});

test('an output without a transcript is no conversation', () => {
  expect(conversationOfOutput({ text: 'x' })).toBeNull();
  expect(conversationOfOutput([1])).toBeNull();
  expect(conversationOfOutput(undefined)).toBeNull();
});

test('while it is going on, the text that is being written stands at the end', () => {
  const events = [
    emitted('agent.text', { turn: 0, text: 'Let me ' }),
    emitted('agent.text', { turn: 0, text: 'look' }),
    emitted('agent.text', { turn: 0, text: 'elsewhere' }, 'other'),
  ];
  expect(conversationOfEvents(events, 'answer')?.turns).toEqual([{ role: 'assistant', text: 'Let me look', calls: [], tokens: null }]);
  events.push(emitted('agent.reply', { turn: 0, text: 'Let me look.', tool_calls: [CALL], usage: USAGE }));
  events.push(emitted('agent.tool_result', { turn: 0, id: 'c1', name: 'http_request', ok: true, output: 7 }));
  events.push(emitted('agent.text', { turn: 1, text: 'It is' }));
  const turns = conversationOfEvents(events, 'answer')?.turns;
  expect(turns?.map((turn) => turn.text)).toEqual(['Let me look.', 'It is']);
  expect(turns?.[0]?.calls[0]?.result).toEqual({ ok: true, output: 7 });
});

test('a step that runs again begins its conversation anew', () => {
  const events = [0, 1].map((turn) => emitted('agent.reply', { turn, text: `old ${turn}`, tool_calls: [], usage: USAGE }));
  events.push(emitted('agent.reply', { turn: 0, text: 'new', tool_calls: [], usage: USAGE }));
  expect(conversationOfEvents(events, 'answer')?.turns.map((turn) => turn.text)).toEqual(['new']);
  expect(conversationOfEvents(events, 'nobody')).toBeNull();
});
