import { isSmallerThan } from '#lib/base/value-size.ts';
import { compileExpression } from '#lib/workflow/expression.ts';
import { interpret } from '#lib/workflow/expression-interpreter.ts';
import { ExpressionError } from '#lib/workflow/expression-scope.ts';
import type { Answer, Question } from './expression-process.ts';

/** Bytes, estimated, that a value may have: no step may give more, and its copy costs the asking process as much. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The inside of an expression process: one question at a time, one answer each. The pool ends it when it takes too long. */
process.on('message', async (question: Question) => {
  send(await answer(question));
});
// It ends with its parent, and not before: a signal to the whole group must let steps that are under way finish.
process.on('disconnect', () => process.exit());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(question: Question): Promise<Answer> {
  const { source, values, now, seed, timeout } = question;
  try {
    const value = await interpret(compileExpression(source).translation, { values, now, seed, timeout });
    if (value === undefined) return { kind: 'nothing' };
    if (isSmallerThan(MAX_ANSWER_BYTES, value)) return { kind: 'value', value };
    throw new ExpressionError('EXPRESSION_LIMIT', `The expression gives more than ${MAX_ANSWER_BYTES / 1024 ** 2} MiB`);
  } catch (thrown) {
    const error = thrown instanceof ExpressionError ? thrown : new ExpressionError('EXPRESSION_ERROR', String(thrown));
    return { kind: 'error', code: error.code, message: error.message, position: error.position };
  }
}

function send(message: Answer): void {
  process.send?.(message);
}

send({ kind: 'ready' });
