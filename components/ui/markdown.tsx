import type { ReactNode } from 'react';
import { cn } from './cn.ts';

type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bullets' | 'numbers'; readonly items: readonly string[] };

/**
 * The part of Markdown that step docs, template pages and notes use: headings, paragraphs, lists, fenced code, bold,
 * italics, code and links. HTML in the text stays text, so nothing of it can run.
 */
export function Markdown({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cn('flex flex-col gap-3 text-doc text-text-2', className)}>
      {readBlocks(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text is static, its blocks have no other identity
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  if (block.kind === 'heading') return <h3 className="mt-2 text-heading text-text-1 first:mt-0">{inline(block.text)}</h3>;
  if (block.kind === 'code') {
    return (
      <pre className="whitespace-pre-wrap break-words rounded-control bg-sunken p-3 font-mono text-code text-text-1">
        <code>{block.text}</code>
      </pre>
    );
  }
  if (block.kind === 'paragraph') return <p>{inline(block.text)}</p>;
  const List = block.kind === 'bullets' ? 'ul' : 'ol';
  return (
    <List className={cn('flex flex-col gap-1 pl-5', block.kind === 'bullets' ? 'list-disc' : 'list-decimal')}>
      {block.items.map((item) => (
        <li key={item}>{inline(item)}</li>
      ))}
    </List>
  );
}

function readBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
    } else if (line.startsWith('```')) {
      const end = lines.findIndex((other, index) => index > at && other.startsWith('```'));
      const stop = end === -1 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') });
      at = stop + 1;
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push({ kind: 'heading', text: line.replace(/^#+\s+/, '') });
      at += 1;
    } else {
      const marker = listMarker(line);
      let stop = at + 1;
      while (stop < lines.length && continues(lines[stop] ?? '', marker !== null)) stop += 1;
      const body = lines.slice(at, stop);
      blocks.push(marker === null ? { kind: 'paragraph', text: body.join(' ') } : { kind: marker, items: readItems(body) });
      at = stop;
    }
  }
  return blocks;
}

function listMarker(line: string): 'bullets' | 'numbers' | null {
  if (/^\s*[-*]\s/.test(line)) return 'bullets';
  return /^\s*\d+[.)]\s/.test(line) ? 'numbers' : null;
}

function continues(line: string, inList: boolean): boolean {
  return line.trim() !== '' && !line.startsWith('```') && !/^#{1,6}\s/.test(line) && (inList || listMarker(line) === null);
}

function readItems(lines: readonly string[]): readonly string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (listMarker(line) !== null) items.push(line.replace(/^\s*(?:[-*]|\d+[.)])\s+/, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return items;
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(((?:https?:\/\/|\/)[^)\s]*)\)/g;

/** What a template left empty between the stars: `Publish **{{ input.title }}**?` without a title. */
const EMPTY_BOLD = /(?<!\*)\*\*\s*\*\*(?!\*)/g;

function inline(source: string): readonly ReactNode[] {
  const text = source.replace(EMPTY_BOLD, '—');
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, italic, label, href] = match;
    if (match.index > from) parts.push(text.slice(from, match.index));
    const key = match.index;
    if (code !== undefined) parts.push(<Code key={key}>{code}</Code>);
    else if (bold !== undefined)
      parts.push(
        <strong key={key} className="font-semibold text-text-1">
          {bold}
        </strong>,
      );
    else if (italic !== undefined) parts.push(<em key={key}>{italic}</em>);
    else parts.push(<Anchor key={key} href={href ?? ''} label={label ?? ''} />);
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function Code({ children }: { children: string }) {
  return <code className="rounded-mark bg-sunken px-1 font-mono text-code text-text-1">{children}</code>;
}

function Anchor({ href, label }: { href: string; label: string }) {
  const elsewhere = href.startsWith('http');
  return (
    <a href={href} className="text-accent underline underline-offset-2" {...(elsewhere ? { target: '_blank', rel: 'noreferrer' } : {})}>
      {label}
    </a>
  );
}
