import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const MONO = 'var(--font-geist-mono), ui-monospace, monospace';

/** Code and expressions in the tokens' colours: two hues of text and weight, none of the status hues. */
export const codeTheme = [
  EditorView.theme({
    '&': { backgroundColor: 'transparent', color: 'var(--text-1)', fontSize: '13px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'inherit', lineHeight: '20px' },
    '.cm-content': { padding: '3px 0', caretColor: 'var(--text-1)', minHeight: '20px' },
    '.cm-line': { padding: '0 8px' },
    '.cm-cursor': { borderLeftColor: 'var(--text-1)' },
    '.cm-placeholder': { color: 'var(--text-3)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
    },
    '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--text-3)', border: 'none' },
    '.cm-lineNumbers .cm-gutterElement': { padding: '0 0 0 8px', minWidth: '24px' },
    '.cm-tooltip': {
      backgroundColor: 'var(--bg-3)',
      border: '1px solid var(--line-1)',
      borderRadius: '8px',
      boxShadow: 'var(--shadow-s2)',
      overflow: 'hidden',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: MONO, fontSize: '12px', maxHeight: '240px', padding: '4px' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
      padding: '3px 8px',
      borderRadius: '4px',
      lineHeight: '20px',
      color: 'var(--text-1)',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--hover)', color: 'var(--text-1)' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
    '.cm-completionDetail': { fontStyle: 'normal', color: 'var(--text-3)', marginLeft: '16px' },
    '.cm-completionIcon': { display: 'none' },
    '.cm-template': {
      fontFamily: MONO,
      fontSize: '12px',
      backgroundColor: 'color-mix(in srgb, var(--accent) var(--tint-amount), transparent)',
      borderRadius: '3px',
      padding: '1px 0',
    },
    '.cm-fault': { textDecoration: 'underline wavy var(--status-failed)', textUnderlineOffset: '3px' },
    '&.cm-code .cm-scroller': { fontFamily: MONO, fontSize: '12px', lineHeight: '18px' },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], fontWeight: '600' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--accent)' },
      { tag: [tags.number, tags.bool, tags.null], color: 'var(--accent)' },
      { tag: [tags.comment, tags.lineComment], color: 'var(--text-3)' },
      { tag: [tags.propertyName, tags.variableName], color: 'var(--text-1)' },
      { tag: [tags.punctuation, tags.bracket, tags.operator], color: 'var(--text-2)' },
    ]),
  ),
];
