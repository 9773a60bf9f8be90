import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, placeholder as placeholderText } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { cn } from '#components/ui/cn.ts';
import { type FieldControl, labelIdOf } from '#components/ui/field.tsx';
import { codeTheme } from './code-theme.ts';

interface CodeEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  /** Language, completion, tint: fixed for the life of the editor unless `extensionKey` changes. */
  readonly extensions: () => Extension;
  readonly extensionKey?: string;
  readonly control?: FieldControl;
  /** Only where no label belongs to it. */
  readonly label?: string;
  readonly placeholder?: string;
  /** Mono with line numbers, for code. */
  readonly code?: boolean;
  readonly mono?: boolean;
  readonly singleLine?: boolean;
  readonly minLines?: number;
  readonly maxLines?: number;
  readonly readOnly?: boolean;
  readonly className?: string;
  /** Given the view while it is there, for buttons beside it. */
  readonly viewRef?: { current: EditorView | null };
}

/** CodeMirror as a controlled field in the looks of the other controls. */
export function CodeEditor(props: CodeEditorProps) {
  const { value, code = false, mono = code, singleLine = false, minLines = 1, maxLines = 6, readOnly = false, className } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the view lives on; what changes is read through `latest`
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({ parent: host.current, state: EditorState.create({ doc: latest.current.value, extensions: setUp() }) });
    view.current = made;
    if (latest.current.viewRef) latest.current.viewRef.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [props.extensionKey]);

  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value) {
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
    }
  }, [value]);

  const control = props.control;
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what the attributes are made of
  useEffect(() => {
    const shown = view.current;
    if (!shown) return;
    shown.dispatch({ effects: attributes.reconfigure(attributesOf(latest.current, mono)) });
  }, [control?.['aria-describedby'], control?.['aria-invalid'], props.label, mono, props.extensionKey]);

  function setUp(): Extension[] {
    return [
      history(),
      keymap.of([
        ...(singleLine ? [] : code ? [indentWithTab] : []),
        ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
        ...historyKeymap,
      ]),
      code ? [lineNumbers(), bracketMatching(), indentOnInput()] : EditorView.lineWrapping,
      singleLine ? EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change)) : [],
      placeholderText(latest.current.placeholder ?? ''),
      EditorState.readOnly.of(readOnly),
      attributes.of(attributesOf(latest.current, mono)),
      codeTheme,
      latest.current.extensions(),
      EditorView.updateListener.of((update) => {
        const text = update.state.doc.toString();
        if (update.docChanged && text !== latest.current.value) latest.current.onChange(text);
        if (update.focusChanged && !update.view.hasFocus) latest.current.onBlur?.();
      }),
    ];
  }

  const line = mono ? 18 : 20;
  return (
    <div
      ref={host}
      className={cn(
        'overflow-y-auto rounded-control border border-line-3 bg-bg-2 transition-hover focus-within:outline-2 focus-within:outline-accent hover:border-text-3',
        control?.['aria-invalid'] && 'border-status-failed hover:border-status-failed',
        code && 'bg-sunken',
        className,
      )}
      style={{ minHeight: Math.max(28, minLines * line + 8), maxHeight: maxLines * line + 8 }}
    />
  );
}

const attributes = new Compartment();

function attributesOf({ control, label }: CodeEditorProps, mono: boolean): Extension {
  // Editable text takes the focus anyway; said so, tools that judge scrolling parts see it too.
  const given: Record<string, string> = { tabindex: '0' };
  if (control) {
    given.id = control.id;
    given['aria-labelledby'] = labelIdOf(control);
    if (control['aria-describedby']) given['aria-describedby'] = control['aria-describedby'];
    if (control['aria-invalid']) given['aria-invalid'] = 'true';
  }
  if (label) given['aria-label'] = label;
  // A class set on the element itself would be lost at the next change of focus.
  return [EditorView.contentAttributes.of(given), EditorView.editorAttributes.of(mono ? { class: 'cm-code' } : {})];
}
