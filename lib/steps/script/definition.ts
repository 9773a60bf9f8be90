import { z } from 'zod';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortLine } from '../card-line.ts';
import { field } from '../field.ts';

export const SCRIPT_LANGUAGES = ['shell', 'python', 'javascript'] as const;

const config = stepConfig((value) =>
  z.strictObject({
    language: field(z.enum(SCRIPT_LANGUAGES), {
      title: 'Language',
      description: 'shell runs in bash (sh where there is none), python in Python 3, javascript in Node.js.',
      widget: 'select',
    }),
    code: field(z.string().min(1, 'Must not be empty').max(200_000), {
      title: 'Code',
      description:
        'Reads { input, args, steps } as JSON on stdin and prints its output, JSON or text, on stdout. Lines on stderr are the log. It is run as written: {{ }} is not replaced here.',
      examples: [
        'jq ".input.items | length"',
        'import json, sys\ndata = json.load(sys.stdin)\nprint(json.dumps({"count": len(data["input"])}))',
      ],
      widget: 'code',
      language: 'shell',
    }),
    args: field(value(z.record(z.string(), z.json())).optional(), {
      title: 'Arguments',
      description: 'Values for the script, under args on stdin. Expressions belong here.',
      examples: [{ users: '{{ steps.fetch.output.body }}' }],
      widget: 'key-value',
    }),
    env: field(
      value(
        z.record(
          z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Must be a variable name'),
          value(z.union([z.string(), z.number(), z.boolean()])),
        ),
      ).optional(),
      {
        title: 'Environment',
        description: 'The only variables that the script sees, beside PATH, HOME, TMPDIR and LANG.',
        examples: [{ MODE: 'fast' }],
        widget: 'key-value',
        advanced: true,
      },
    ),
    memory_mb: field(value(z.int().min(16, 'Must be at least 16').max(16_384, 'Must be at most 16384')).optional(), {
      title: 'Memory in MB',
      description: '512 by default. A script that needs more is ended.',
      examples: [512],
      advanced: true,
    }),
    disk_mb: field(value(z.int().min(1, 'Must be at least 1').max(10_240, 'Must be at most 10240')).optional(), {
      title: 'Disk in MB',
      description: '256 by default. A script that fills its folder with more is ended.',
      examples: [256],
      advanced: true,
    }),
    max_processes: field(value(z.int().min(1, 'Must be at least 1').max(4096, 'Must be at most 4096')).optional(), {
      title: 'Processes',
      description: '128 by default, threads included. A script that starts more at a time is ended.',
      examples: [128],
      advanced: true,
    }),
    files_out: field(value(z.array(value(z.string().min(1).max(200))).max(20)).optional(), {
      title: 'Files to hand on',
      description:
        'Files that the script leaves in its folder. The output is then { result, files }, each file as { media_type, size, base64 }; 700 KiB together.',
      examples: [['report.pdf']],
      widget: 'json',
      advanced: true,
    }),
  }),
);

export type ScriptConfig = z.infer<typeof config.resolved>;

export const script: StepDefinition = {
  type: 'script',
  title: 'Script',
  summary: 'Run shell, Python or JavaScript',
  category: 'action',
  icon: 'square-terminal',
  docs: [
    'Runs a process in an empty folder of its own. It reads `{ "input", "args", "steps" }` as JSON on stdin; what it prints on stdout is the output, parsed where it',
    'is JSON; each line on stderr is logged at once. Another exit code than 0 fails the step with `SCRIPT_EXIT`. At most 1 MiB of output; the environment is',
    'cleared but for the variables listed. Memory, disk and processes are limited; what it leaves running is ended with it.',
    '',
    'A script that was running when its worker died is not run again by itself (`OUTCOME_UNKNOWN`), unless the step says that it may be.',
  ].join('\n'),
  config,
  initialConfig: {
    language: 'python',
    code: 'import json, sys\n\ndata = json.load(sys.stdin)\nprint("working", file=sys.stderr)\nprint(json.dumps({"received": data["input"]}))\n',
  },
  branches: () => [],
  describe: (values) => {
    const code = typeof values.code === 'string' ? values.code : '';
    const first = code.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#!')) ?? '';
    return shortLine(`${typeof values.language === 'string' ? values.language : 'script'}: ${first}`);
  },
  pure: false,
  onCrash: () => 'ask',
  defaultTimeout: 300_000,
  expressionKeys: [],
  rawKeys: ['code', 'language'],
  exampleOutput: { received: { name: 'Ada' } },
};
