import { z } from 'zod';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortLine } from '../card-line.ts';
import { field } from '../field.ts';
import { AgentLimits, AgentTool, ModelSettings } from './settings.ts';

const config = stepConfig((value) =>
  z
    .strictObject({
      agent_id: field(value(z.string().min(1).max(200)).optional(), {
        title: 'Agent',
        description: 'One of Settings → Agents, by its id or name. Its model, prompt, tools and limits apply.',
        examples: ['Researcher'],
        widget: 'agent',
        choice: 'Model',
      }),
      model: field(ModelSettings.optional(), {
        title: 'Model of this step',
        description: 'A model for this step alone.',
        examples: [{ base_url: 'http://127.0.0.1:11434/v1', model: 'llama3.2' }],
        widget: 'group',
        choice: 'Model',
      }),
      goal: field(value(z.string().min(1, 'Must not be empty').max(200_000)), {
        title: 'Goal',
        description: 'What the agent is to do.',
        examples: ['Summarise this complaint in two sentences: {{ input.text }}'],
        widget: 'multiline',
      }),
      context: field(value(z.json()).optional(), {
        title: 'Data',
        description: 'What the agent works with; it is told as JSON after the goal.',
        examples: [{ order: '{{ steps.fetch.output.body }}' }],
        widget: 'json',
        advanced: true,
      }),
      system_prompt: field(value(z.string().max(50_000)).optional(), {
        title: 'Instructions',
        description: 'How it behaves; takes the place of the agent’s own.',
        widget: 'multiline',
        advanced: true,
      }),
      tools: field(z.array(AgentTool).max(20).optional(), {
        title: 'Tools',
        description:
          'What it may use beside the tools of the agent: http_request with the addresses it may call, workflows, and MCP servers. With approval: ask, a person allows each call.',
        examples: [[{ type: 'http_request', allow: ['https://api.example.com/'] }]],
        widget: 'json',
        advanced: true,
      }),
      output_schema: field(z.record(z.string(), z.json()).optional(), {
        title: 'Shape of the answer',
        description: 'A JSON Schema. The answer is then an object that fits, under object in the output.',
        examples: [{ type: 'object', properties: { mood: { enum: ['good', 'bad'] } }, required: ['mood'] }],
        widget: 'json',
        advanced: true,
      }),
      limits: field(AgentLimits.optional(), {
        title: 'Limits',
        description: 'The tighter of these and the agent’s own apply.',
        examples: [{ max_calls: 10, max_tokens: 50_000 }],
        widget: 'group',
        advanced: true,
      }),
      recording: field(value(z.array(z.json())).optional(), {
        title: 'Recorded replies',
        description: 'The transcript of another run. Its replies and tool results are given again, in order, and no model is asked.',
        examples: ['{{ input.transcript }}'],
        widget: 'json',
        advanced: true,
      }),
    })
    .superRefine(({ agent_id, model, recording }, context) => {
      if (agent_id !== undefined && model !== undefined) {
        context.addIssue({ code: 'custom', path: ['model'], message: 'Choose an agent or a model of this step, not both' });
      } else if (agent_id === undefined && model === undefined && recording === undefined) {
        context.addIssue({ code: 'custom', path: ['agent_id'], message: 'Choose an agent, or a model of this step' });
      }
    }),
);

export type AgentTaskConfig = z.infer<typeof config.resolved>;

export const agentTask: StepDefinition = {
  type: 'agent_task',
  title: 'Agent',
  summary: 'Let a model work towards a goal with tools',
  category: 'action',
  icon: 'bot',
  docs: [
    'Asks a model, lets it use its tools, and gives `{ text, object, usage, transcript }`. Text and tool calls appear live in the run. Every reply is kept as it',
    'comes: a retry goes on after the last one and asks for none again. Limits on calls, tokens, cost and time end the step with a code of their own',
    '(`AGENT_CALLS_EXCEEDED`, `AGENT_TOKENS_EXCEEDED`, `AGENT_COST_EXCEEDED`, `AGENT_TIME_EXCEEDED`) and tell what was used.',
    '',
    'A workflow that is called runs by itself; the step waits for its end and holds nothing. A tool with `approval: ask` makes the step wait for a decision under Approvals before each of its calls; nothing is held meanwhile. A call that is rejected is',
    'told to the model.',
    '',
    'A step that was running when its worker died is not run again by itself (`OUTCOME_UNKNOWN`), unless the step says that it may be.',
  ].join('\n'),
  config,
  initialConfig: {
    goal: 'Say hello to {{ input.name }} in one sentence.',
    model: { model: 'gpt-5-mini', api_key_secret: 'OPENAI_API_KEY' },
  },
  branches: () => [],
  namesOf: ({ agent_id: name }) => (typeof name === 'string' && !name.includes('{{') ? [{ kind: 'agent', name, key: 'agent_id' }] : []),
  describe: (values) => shortLine(typeof values.goal === 'string' && values.goal.trim() !== '' ? values.goal : 'agent'),
  pure: false,
  onCrash: () => 'ask',
  defaultTimeout: 900_000,
  expressionKeys: [],
  rawKeys: [],
  converses: true,
  exampleOutput: {
    text: 'Hello Ada!',
    object: null,
    usage: { model: 'gpt-5-mini', calls: 1, input_tokens: 20, cached_tokens: 0, output_tokens: 5, total_tokens: 25, cost: null },
    transcript: [],
  },
};
