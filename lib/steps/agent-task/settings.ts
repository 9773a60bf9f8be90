import { z } from 'zod';
import { field } from '../field.ts';

/** What an agent is: a model, how it is told to behave, what it may use and spend. Kept in settings, or said in a step. */

const Url = z.url({ protocol: /^https?$/, error: 'Must be a full URL that starts with http:// or https://' });
const SecretName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'Must be the name of a secret');
const ToolName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,47}$/, 'Letters, digits, - and _, at most 48, and a letter first');
const Description = z.string().min(1, 'Tell the model what it is for').max(2000);

/** Calls that a person has to allow first, each of them. */
const Approval = {
  approval: z.enum(['never', 'ask']).default('never'),
  /** Roles or e-mail addresses; without any, everybody who may change runs. */
  approvers: z.array(z.string().trim().min(1).max(200)).max(50).optional(),
};

const HttpTool = z.strictObject({
  type: z.literal('http_request'),
  name: ToolName.default('http_request'),
  description: Description.default('Call an HTTP API and read its answer.'),
  /** Addresses that calls may begin with, such as `https://api.example.com/v1/`. */
  allow: z.array(Url).min(1, 'Name at least one address that may be called').max(50),
  methods: z
    .array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .default(['GET']),
  /** Sent as bearer token. The model never sees it. */
  auth_secret: SecretName.optional(),
  ...Approval,
});

const McpTool = z.strictObject({
  type: z.literal('mcp'),
  /** Goes before the names of the server's tools where those of two servers are alike. */
  name: ToolName,
  url: Url,
  auth_secret: SecretName.optional(),
  /** Tools of the server that may be used; all without it. */
  only: z.array(z.string().min(1).max(200)).max(200).optional(),
  ...Approval,
});

const WorkflowTool = z.strictObject({
  type: z.literal('workflow'),
  name: ToolName,
  description: Description,
  workflow_id: z.string().regex(/^wf_[0-9a-f]{32}$/, 'Must be the id of a workflow, such as wf_0192f0c1…'),
  /** A version that always runs; the newest at the time without it. */
  version: z.int().min(1).optional(),
  /** What the model is told of its input; any object without it. */
  input_schema: z.record(z.string(), z.json()).optional(),
  ...Approval,
});

export const AgentTool = z.discriminatedUnion('type', [HttpTool, WorkflowTool, McpTool], {
  error: 'A tool is of type http_request, workflow or mcp',
});
export type AgentTool = z.infer<typeof AgentTool>;

/** Limits of one step. What is not said is not limited, but for the calls. */
export const AgentLimits = z.strictObject({
  max_calls: field(z.int().min(1).max(1000).optional(), {
    title: 'Calls of the model',
    description: 'How often the model may be asked, 20 by default.',
  }),
  max_tokens: field(z.int().min(1).optional(), {
    title: 'Tokens',
    description: 'Tokens read and written, over all calls.',
    examples: [100_000],
  }),
  max_cost: field(z.number().positive().optional(), {
    title: 'Cost',
    description: 'In the currency of the prices; needs prices.',
    examples: [0.5],
  }),
  max_seconds: field(z.number().positive().max(86_400).optional(), {
    title: 'Seconds',
    description: 'How long the whole step may take, tools included.',
    examples: [300],
  }),
});
export type AgentLimits = z.infer<typeof AgentLimits>;

const Price = z.number().min(0).max(1_000_000);
export const AgentPrices = z.strictObject({
  input_per_million: field(Price, { title: 'Read', description: 'A million tokens of input.' }),
  output_per_million: field(Price, { title: 'Written', description: 'A million tokens of output.' }),
  cached_per_million: field(Price.optional(), {
    title: 'Read from a cache',
    description: 'A million tokens that the provider had kept; like other input without it.',
  }),
});
export type AgentPrices = z.infer<typeof AgentPrices>;

export const PROVIDERS = ['openai-compatible', 'anthropic'] as const;

/** Where a model is and how it is reached. */
export const ModelSettings = z.strictObject({
  provider: field(z.enum(PROVIDERS).default('openai-compatible'), {
    title: 'Provider',
    description: 'openai-compatible speaks to OpenAI and to most other services and local servers.',
    widget: 'select',
  }),
  base_url: field(Url.optional(), {
    title: 'Base URL',
    description: 'Where the API begins. Left out: that of OpenAI or Anthropic.',
    examples: ['https://api.openai.com/v1', 'http://127.0.0.1:11434/v1'],
  }),
  model: field(z.string().min(1, 'Name a model').max(200), {
    title: 'Model',
    description: 'As the provider calls it.',
    examples: ['gpt-5-mini'],
  }),
  api_key_secret: field(SecretName.optional(), {
    title: 'Key',
    description: 'The name of the secret that holds the key. Local servers need none.',
    examples: ['OPENAI_API_KEY'],
    widget: 'secret',
  }),
});
export type ModelSettings = z.infer<typeof ModelSettings>;

export const AgentSettings = ModelSettings.extend({
  system_prompt: field(z.string().max(50_000).default(''), {
    title: 'Instructions',
    description: 'Who the agent is and how it behaves.',
    examples: ['You are a careful support agent. Answer in the language of the customer.'],
    widget: 'multiline',
  }),
  tools: field(z.array(AgentTool).max(20).default([]), {
    title: 'Tools',
    description:
      'What it may use: HTTP calls to the addresses that you name, workflows, and MCP servers over streamable HTTP. With approval: ask, a person allows each call.',
    examples: [
      [
        { type: 'http_request', allow: ['https://api.example.com/'] },
        { type: 'mcp', name: 'docs', url: 'https://mcp.example.com/mcp' },
      ],
    ],
    widget: 'json',
  }),
  limits: field(AgentLimits.default({}), { title: 'Limits', description: 'What one step may use.', widget: 'group', advanced: true }),
  prices: field(AgentPrices.optional(), {
    title: 'Prices',
    description: 'For a million tokens; they give the cost of each step.',
    widget: 'group',
    advanced: true,
  }),
  temperature: field(z.number().min(0).max(2).optional(), {
    title: 'Temperature',
    description: '0 for the same answer each time, higher for more variety. Left out: as the provider likes.',
    advanced: true,
  }),
  structured_outputs: field(z.boolean().default(true), {
    title: 'Knows answer schemas',
    description: 'Off for servers that take no JSON Schema as answer format: then the schema is told in words.',
    advanced: true,
  }),
  silence_seconds: field(z.number().positive().max(3600).optional(), {
    title: 'Patience in seconds',
    description: 'How long the model may say nothing before it is given up, 120 by default.',
    advanced: true,
  }),
});
export type AgentSettings = z.infer<typeof AgentSettings>;
