import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { python } from '@codemirror/lang-python';
import { StreamLanguage } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import type { FieldHints } from '#lib/workflow/step-type.ts';

export type CodeLanguage = NonNullable<FieldHints['language']>;
const LANGUAGES: readonly string[] = ['javascript', 'json', 'python', 'shell', 'jsonata'] satisfies readonly CodeLanguage[];

/** True for a word that names a language that code can be coloured in. */
export function isCodeLanguage(value: unknown): value is CodeLanguage {
  return typeof value === 'string' && LANGUAGES.includes(value);
}

const SHELL_WORDS = /^(if|then|else|elif|fi|for|in|do|done|while|until|case|esac|function|return|export|local|set|exit)\b/;

const shell = StreamLanguage.define({
  name: 'shell',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return 'comment';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'[^']*'?/)) return 'string';
    if (stream.match(/^\$(?:\w+|\{[^}]*\})/)) return 'number';
    if (stream.match(SHELL_WORDS)) return 'keyword';
    if (stream.match(/^[\w./-]+/)) return null;
    stream.next();
    return null;
  },
});

const jsonata = StreamLanguage.define({
  name: 'jsonata',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\*.*?\*\//)) return 'comment';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string';
    if (stream.match(/^\d+(?:\.\d+)?/) || stream.match(/^(?:true|false|null)\b/)) return 'number';
    if (stream.match(/^(?:and|or|in|function)\b/)) return 'keyword';
    if (stream.match(/^[$\w`]+/)) return null;
    stream.next();
    return null;
  },
});

/** The parser that colours a language. */
export function languageExtension(language: CodeLanguage): Extension {
  switch (language) {
    case 'javascript':
      return javascript();
    case 'json':
      return json();
    case 'python':
      return python();
    case 'shell':
      return shell;
    case 'jsonata':
      return jsonata;
  }
}
