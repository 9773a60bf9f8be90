'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Select } from '#components/ui/select.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import { auditPagesOptions } from '#lib/client/account.ts';
import { shortId } from '#lib/client/format.ts';
import type { AuditRow } from '#lib/contracts/audit.ts';
import { auditDetail, auditLink, auditSentence } from './audit-words.ts';
import { Section } from './section.tsx';

const KINDS = [
  { value: 'all', label: 'Everything' },
  { value: 'run', label: 'Runs' },
  { value: 'workflow', label: 'Workflows' },
  { value: 'key', label: 'API keys' },
] as const;

/** Who did what and when. */
export function AuditSection() {
  const [kind, setKind] = useState<(typeof KINDS)[number]['value']>('all');
  const list = useInfiniteQuery(auditPagesOptions(kind === 'all' ? null : kind));
  const rows = list.data?.pages.flatMap((page) => page.entries);
  return (
    <Section
      title="Audit log"
      about="What people and programs did to runs, workflows and keys."
      action={<Select label="What to show" size="page" className="w-36" value={kind} onValueChange={setKind} options={KINDS} />}
    >
      {list.error && !rows ? <LoadError what="the audit log" error={list.error} retry={() => list.refetch()} /> : null}
      {list.isPending ? <LoadingText>Loading the audit log</LoadingText> : null}
      {rows?.length === 0 ? <EmptyState title="Nothing yet">What is done to runs, workflows and keys is noted here.</EmptyState> : null}
      {rows && rows.length > 0 ? (
        <Table label="Audit log" className="-mx-2 w-[calc(100%+16px)]">
          <TableHead>
            <HeadCell className="w-40">Who</HeadCell>
            <HeadCell className="w-60">What</HeadCell>
            <HeadCell>Which</HeadCell>
            <HeadCell numeric className="w-28">
              When
            </HeadCell>
          </TableHead>
          <tbody>
            {rows.map((row) => (
              <AuditLine key={row.id} row={row} />
            ))}
          </tbody>
        </Table>
      ) : null}
      {list.hasNextPage ? (
        <Button className="self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show older entries
        </Button>
      ) : null}
    </Section>
  );
}

function AuditLine({ row }: { row: AuditRow }) {
  const href = auditLink(row);
  const detail = auditDetail(row);
  const id = <span className="font-mono text-code text-text-3">{shortId(row.target.id)}</span>;
  return (
    <TableRow>
      <Cell className="truncate max-sm:hidden">{row.actor.name}</Cell>
      <Cell>
        <div className="truncate">{auditSentence(row)}</div>
        <div className="truncate text-small text-text-3 sm:hidden">
          {row.actor.name} · <RelativeTime iso={row.at} />
        </div>
      </Cell>
      <Cell className="truncate text-text-2 max-sm:hidden">
        {href === null ? id : <Link href={href}>{id}</Link>}
        {detail === '' ? null : ` ${detail}`}
      </Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={row.at} />
      </Cell>
    </TableRow>
  );
}
