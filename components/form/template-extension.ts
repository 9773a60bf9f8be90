import { acceptCompletion, autocompletion, type CompletionContext, type CompletionResult, startCompletion } from '@codemirror/autocomplete';
import { type Extension, Prec, RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { splitTemplate } from '#lib/workflow/template.ts';
import { textOfValue } from './value-text.ts';
import type { ReachableValue } from './values-in-reach.ts';

/** `template`: text with `{{ … }}` in it. `expression`: the whole field is one expression. */
export type ExpressionMode = 'template' | 'expression';

const TINT = Decoration.mark({ class: 'cm-template' });

/** Tints the `{{ … }}` ranges. */
const tinted = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = rangesOf(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = rangesOf(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function rangesOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const part of splitTemplate(view.state.doc.toString()).parts) {
    if (part.kind === 'expression' && part.end > part.start) builder.add(part.start, part.end, TINT);
  }
  return builder.finish();
}

/** The second `{` of a pair also brings the closing braces, and the values to choose from. */
const closingBraces = EditorView.inputHandler.of((view, from, to, text) => {
  if (text !== '{' || from === 0 || view.state.sliceDoc(from - 1, from) !== '{' || view.state.sliceDoc(to, to + 2) === '}}') return false;
  view.dispatch({ changes: { from, to, insert: '{  }}' }, selection: { anchor: from + 2 }, userEvent: 'input.type' });
  startCompletion(view);
  return true;
});

/** Typing over what was brought along: the braces, and the space after the opening ones. */
const typeOver = EditorView.inputHandler.of((view, from, to, text) => {
  if (from !== to || (text !== '}' && text !== ' ')) return false;
  const before = view.state.sliceDoc(Math.max(0, from - 3), from);
  const after = view.state.sliceDoc(to, to + 3);
  if (text === ' ') return before === '{{ ' && after.startsWith(' }}');
  if (after.startsWith(' }}')) {
    // A space was typed before the braces already: the one that came with them goes.
    if (before.endsWith(' ')) view.dispatch({ changes: { from: to, to: to + 1 }, selection: { anchor: to + 1 } });
    else view.dispatch({ selection: { anchor: to + 2 } });
    return true;
  }
  if (!after.startsWith('}') || !isInside(view.state.doc.toString(), from - 1)) return false;
  view.dispatch({ selection: { anchor: to + 1 } });
  return true;
});

/** True when a position lies between `{{` and its `}}`. */
function isInside(text: string, position: number): boolean {
  const { parts, unclosed } = splitTemplate(text);
  if (unclosed !== null && position >= unclosed + 2) return true;
  return parts.some((part) => part.kind === 'expression' && position >= part.start + 2 && position <= part.end - 2);
}

/** Puts an empty `{{ }}` at the cursor, unless it is in one, and shows the values. */
export function openValues(view: EditorView, mode: ExpressionMode): void {
  const { head } = view.state.selection.main;
  if (mode === 'template' && !isInside(view.state.doc.toString(), head)) {
    view.dispatch({ changes: { from: head, insert: '{{  }}' }, selection: { anchor: head + 3 } });
  }
  view.focus();
  startCompletion(view);
}

const MAX_DETAIL = 32;

/** Completion, tint and braces of a field that holds expressions. `values` is asked each time. */
export function expressionExtension(mode: ExpressionMode, values: () => readonly ReachableValue[]): Extension {
  function complete(context: CompletionContext): CompletionResult | null {
    const text = context.state.doc.toString();
    if (mode === 'template' && !isInside(text, context.pos)) return null;
    const word = context.matchBefore(/[\w.$`-]*/);
    if (word === null || (word.from === word.to && !context.explicit && !/\{\{\s*$/.test(text.slice(0, context.pos)))) return null;
    return {
      from: word.from,
      options: values().map(({ path, value }, index) => ({
        label: path,
        type: 'variable',
        boost: -index / 100,
        ...(value === undefined ? {} : { detail: shortened(textOfValue(value)) }),
      })),
      validFor: /^[\w.$`-]*$/,
    };
  }
  return [
    autocompletion({ override: [complete], icons: false, activateOnTyping: true }),
    Prec.high(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
    mode === 'template' ? [tinted, closingBraces, typeOver] : [],
  ];
}

function shortened(text: string): string {
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL - 1)}…` : text;
}
