import { parentPort } from 'node:worker_threads';
import { compileExpression } from '#lib/workflow/expression.ts';
import { interpret } from '#lib/workflow/expression-interpreter.ts';
import { ExpressionError } from '#lib/workflow/expression-scope.ts';
import type { ThreadAnswer, ThreadQuestion } from './expression-thread.ts';

/** The inside of an expression thread: one question at a time, one answer each. The pool ends the thread when it takes too long. */
parentPort?.on('message', async (question: ThreadQuestion) => {
  parentPort?.postMessage(await answer(question));
});

async function answer(question: ThreadQuestion): Promise<ThreadAnswer> {
  const { source, values, now, seed, timeout } = question;
  try {
    const value = await interpret(compileExpression(source).translation, { values, now, seed, timeout });
    return value === undefined ? { kind: 'nothing' } : { kind: 'value', value };
  } catch (thrown) {
    const error = thrown instanceof ExpressionError ? thrown : new ExpressionError('EXPRESSION_ERROR', String(thrown));
    return { kind: 'error', code: error.code, message: error.message, position: error.position };
  }
}

parentPort?.postMessage({ kind: 'ready' } satisfies ThreadAnswer);
