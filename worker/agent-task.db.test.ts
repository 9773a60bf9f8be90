import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { database, disconnect, pool } from '#lib/db/client.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createAgent } from '#lib/server/create-agent.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { decideApproval } from '#lib/server/decide-approval.ts';
import { deleteAgent } from '#lib/server/delete-agent.ts';
import { closeExpressionProcesses } from '#lib/server/expression-process.ts';
import { getAgent } from '#lib/server/get-agent.ts';
import { listAgents } from '#lib/server/list-agents.ts';
import { listApprovals } from '#lib/server/list-approvals.ts';
import { putSecret } from '#lib/server/put-secret.ts';
import { codeOf, testAccess } from '#lib/server/test-workspace.ts';
import { updateAgent } from '#lib/server/update-agent.ts';
import { AgentSettings } from '#lib/steps/agent-task/settings.ts';
import { type ModelServer, startModelServer } from '#lib/steps/agent-task/test-model-server.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, until, uuidOf } from './test-runs.ts';

const none = { params: {}, query: {}, body: {} };
let model: ModelServer;
let worker: RunWorker;
let access: Access;
let agentId: string;
const settings = (more: object = {}) =>
  AgentSettings.parse({ base_url: `${model.origin}/v1`, model: 'm', api_key_secret: 'MODEL_KEY', ...more });

beforeAll(async () => {
  process.env.WEFTLINE_ENCRYPTION_KEY = 'test-encryption-key-0123456789-0123456789';
  await freshDatabase();
  model = await startModelServer();
  access = await testAccess();
  worker = await startWorker(() => done());
  await putSecret(access, { params: { name: 'MODEL_KEY' }, query: {}, body: { value: 'sk-test-0123456789' } });
  agentId = (await createAgent(access, { ...none, body: { name: 'Greeter', description: '', settings: settings() } })).id;
  atEnd(async () => {
    await worker.stop(500);
    await model.close();
    await Promise.all([stopListening(), closeExpressionProcesses()]);
    await disconnect();
  });
});
beforeEach(() => {
  model.script = [];
});

async function start(step: Partial<Step>, input: Json = {}): Promise<string> {
  const definition = { name: 'agents', steps: [{ id: 'ask', type: 'agent_task', ...step }] };
  const definitionHash = await storeDefinition(database(), definition);
  const uuid = uuidv7();
  const workflowId = idFromUuid('wf', uuid);
  await database().workflow.create({ data: { id: uuid, workspaceId: uuidFromId('ws', access.workspaceId) ?? '', name: 'agents' } });
  const [made] = await createRuns([{ workspaceId: access.workspaceId, workflowId, version: 1, definitionHash, trigger: 'api', input }]);
  return made?.runId ?? '';
}

async function run(step: Partial<Step>, input: Json = {}): Promise<string> {
  const runId = await start(step, input);
  await ended([runId]);
  return runId;
}

describe('an agent in a run', () => {
  it('checklist #34: works by its name, shows its words live, and keeps each reply', async () => {
    model.script = [{ text: 'Hello Ada, nice to see you.', pause: 70 }];
    const id = await run({ config: { agent_id: 'Greeter', goal: 'Greet {{ input.name }}' } }, { name: 'Ada' });
    expect((await rowOf(id)).output).toMatchObject({ ask: { text: 'Hello Ada, nice to see you.', usage: { calls: 1 } } });
    expect(model.chats().at(-1)?.messages).toMatchObject([{ role: 'user', content: 'Greet Ada' }]);
    expect(model.requests.at(-1)?.headers.authorization).toBe('Bearer sk-test-0123456789');
    const emitted = (await eventsOf(id)).filter((event) => event.type === 'step_emitted');
    expect(emitted.map((event) => event.name)).toContain('agent.text');
    expect(emitted.at(-1)).toMatchObject({ step: 'ask', name: 'agent.reply', data: { turn: 0, text: 'Hello Ada, nice to see you.' } });
  });

  it('goes on after the last reply when its step is tried again', async () => {
    const asked = model.requests.length;
    const call = { id: 'c', name: 'http_request', input: { url: `${model.origin}/elsewhere/x` } };
    model.script = [{ calls: [call] }, { status: 503 }, { text: 'finished' }];
    const tools = [{ type: 'http_request', allow: [`${model.origin}/elsewhere`] }];
    const id = await run({ config: { agent_id: agentId, goal: 'Go', tools } as Step['config'], retry: { max_attempts: 2, delay: 0.05 } });
    expect(await rowOf(id)).toMatchObject({ status: 'completed', output: { ask: { text: 'finished', usage: { calls: 2 } } } });
    // Three questions and one call of the tool: the first question is not asked again.
    expect(model.requests).toHaveLength(asked + 4);
    const retrying = (await eventsOf(id)).find((event) => event.type === 'step_retrying');
    expect(retrying).toMatchObject({ error: { code: 'MODEL_FAILED', data: { usage: { calls: 1 } } } });
  });

  it('never shows a secret that it was told, not even in parts', async () => {
    model.script = [{ text: 'The key is sk-test-0123456789, keep it well.', pause: 60 }];
    const id = await run({ config: { agent_id: agentId, goal: 'Say {{ secrets.MODEL_KEY }}' } });
    expect((await rowOf(id)).output).toMatchObject({ ask: { text: 'The key is [SECRET], keep it well.' } });
    const { rows } = await pool().query<{ text: string }>(
      'select string_agg(run_event::text, chr(10)) as text from run_event where run_id = $1',
      [uuidOf(id)],
    );
    expect(rows[0]?.text).not.toMatch(/sk-test|0123456789/);
  });

  it('that is not there fails its step', async () => {
    expect((await eventsOf(await run({ config: { agent_id: 'Nobody', goal: 'Go' } }))).at(-1)).toMatchObject({
      error: { code: 'AGENT_NOT_FOUND' },
    });
  });
});

describe('a call that a person has to allow', () => {
  const tools = () => [{ type: 'http_request', allow: [`${model.origin}/pay`], methods: ['POST'], approval: 'ask' }];
  const call = () => ({ id: 'c', name: 'http_request', input: { method: 'POST', url: `${model.origin}/pay`, body: { amount: 5 } } });

  async function waiting(): Promise<{ id: string; approval: string }> {
    model.script = [{ calls: [call()] }];
    const id = await start({ config: { agent_id: agentId, goal: 'Pay', tools: tools() } as Step['config'] });
    await until(async () => (await listApprovals(access, { ...none, query: { limit: 50, offset: 0 } as never })).approvals.length > 0);
    const { approvals } = await listApprovals(access, { ...none, query: { limit: 50, offset: 0 } as never });
    expect(approvals).toHaveLength(1);
    expect(approvals[0]).toMatchObject({ step_key: 'ask', message: expect.stringContaining('"amount": 5') });
    return { id, approval: approvals[0]?.id ?? '' };
  }
  const decide = (id: string, decision: 'approved' | 'rejected') =>
    decideApproval(access, { params: { id }, query: {}, body: { decision, form: {}, comment: 'says Ada' } });

  it('makes the run wait with nothing held; then it goes on and asks for no reply again', async () => {
    const asked = model.requests.length;
    const { id, approval } = await waiting();
    await until(() => worker.size === 0);
    model.script = [{ text: 'paid' }];
    await decide(approval, 'approved');
    await ended([id]);
    expect(await rowOf(id)).toMatchObject({ status: 'completed', output: { ask: { text: 'paid', usage: { calls: 2 } } } });
    // Two questions and one payment.
    expect(model.requests.slice(asked).map((request) => request.url)).toEqual(['/v1/chat/completions', '/pay', '/v1/chat/completions']);
    const story = (await eventsOf(id)).flatMap((event) => ('kind' in event && event.type === 'step_waiting' ? [event.kind] : []));
    expect(story).toEqual(['approval', 'go_on']);
  });

  it('is told to the model when it is rejected', async () => {
    const { id, approval } = await waiting();
    model.script = [{ text: 'I could not pay' }];
    await decide(approval, 'rejected');
    await ended([id]);
    expect(await rowOf(id)).toMatchObject({ status: 'completed', output: { ask: { text: 'I could not pay' } } });
    expect(JSON.stringify(model.chats().at(-1)?.messages)).toContain('Rejected by Ada: says Ada');
  });
});

describe('a workflow as a tool', () => {
  const called = async (config: JsonObject, name: string): Promise<string> => {
    const definition = { name, output: 'a', steps: [{ id: 'a', type: 'transform', config }] } as never;
    return (await createWorkflow(access, { ...none, body: { definition, trigger_type: 'manual', tags: [], draft: false } })).id;
  };

  it('runs by itself; the step waits for its end and tells the model', async () => {
    const add = await called({ expression: 'input.a + input.b' }, 'Add');
    const fail = await called({ expression: '$error("no")' }, 'Fail');
    const tools = [
      {
        type: 'workflow',
        name: 'add',
        description: 'Adds a and b',
        workflow_id: add,
        input_schema: { type: 'object', properties: { a: {}, b: {} } },
      },
      { type: 'workflow', name: 'fail', description: 'Fails', workflow_id: fail },
      { type: 'workflow', name: 'gone', description: 'Is not there', workflow_id: idFromUuid('wf', uuidv7()) },
    ];
    const calls = [
      { id: 'c1', name: 'add', input: { a: 1, b: 2 } },
      { id: 'c2', name: 'add', input: { a: 3, b: 4 } },
      { id: 'c3', name: 'fail', input: {} },
      { id: 'c4', name: 'gone', input: {} },
    ];
    const asked = model.requests.length;
    model.script = [{ calls }, { text: 'done with it' }];
    const id = await run({ config: { agent_id: agentId, goal: 'Add', tools } as Step['config'] });
    expect(await rowOf(id)).toMatchObject({ status: 'completed', output: { ask: { text: 'done with it', usage: { calls: 2 } } } });
    expect(model.requests).toHaveLength(asked + 2);
    const { ask } = (await rowOf(id)).output as { ask: { transcript: { results?: unknown }[] } };
    expect(ask.transcript[2]?.results).toMatchObject([
      { id: 'c1', ok: true, output: 3 },
      { id: 'c2', ok: true, output: 7 },
      { id: 'c3', ok: false, output: { status: 'failed', error: { code: 'EXPRESSION_ERROR' } } },
      { id: 'c4', ok: false, output: expect.stringContaining('There is no workflow') },
    ]);
  });
});

describe('agents in settings', () => {
  it('are made, listed, changed and deleted, each name once', async () => {
    const body = { name: 'Second', description: 'For tests', settings: settings({ temperature: 0.5 }) };
    const made = await createAgent(access, { ...none, body });
    expect(made).toMatchObject({ name: 'Second', created_by: 'Ada', settings: { temperature: 0.5, tools: [], limits: {} } });
    expect(await codeOf(createAgent(access, { ...none, body }))).toBe('conflict');
    expect((await listAgents(access, none)).agents.map((agent) => agent.name)).toEqual(['Greeter', 'Second']);
    const params = { id: made.id };
    expect(await codeOf(updateAgent(access, { ...none, params, body: { ...body, name: 'Greeter' } }))).toBe('conflict');
    expect(await updateAgent(access, { ...none, params, body: { ...body, name: 'Third' } })).toMatchObject({ id: made.id, name: 'Third' });
    expect((await getAgent(access, { ...none, params })).name).toBe('Third');
    await deleteAgent(access, { ...none, params });
    expect(await codeOf(getAgent(access, { ...none, params }))).toBe('not_found');
  });

  it('belong to their workspace', async () => {
    const other = await testAccess('Eve');
    const params = { id: agentId };
    expect((await listAgents(other, none)).agents).toEqual([]);
    expect(await codeOf(getAgent(other, { ...none, params }))).toBe('not_found');
    expect(await codeOf(deleteAgent(other, { ...none, params }))).toBe('not_found');
    const body = { name: 'Greeter', description: '', settings: settings() };
    expect(await codeOf(updateAgent(other, { ...none, params, body }))).toBe('not_found');
    expect(await codeOf(createAgent(other, { ...none, body }))).toBe('fulfilled');
  });
});
