'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { HeadCell, Table, TableHead } from '#components/ui/table.tsx';
import { agentListOptions } from '#lib/client/agents.ts';
import { AgentDialog } from './agent-dialog.tsx';
import { AgentLine } from './agent-line.tsx';
import { Section } from './section.tsx';

/** Models with instructions, tools and limits, for agent steps. */
export function AgentsSection() {
  const [creating, setCreating] = useState(false);
  const { data, error, isPending, refetch } = useQuery(agentListOptions());
  return (
    <Section
      title="Agents"
      about="A model with instructions, tools and limits, ready for agent steps of every workflow."
      action={
        <Button size="page" onClick={() => setCreating(true)}>
          <Plus className="size-4" aria-hidden />
          New agent
        </Button>
      }
    >
      {error && !data ? <LoadError what="the agents" error={error} retry={() => refetch()} /> : null}
      {isPending ? <LoadingText>Loading agents</LoadingText> : null}
      {data?.agents.length === 0 ? (
        <EmptyState title="No agents yet">Any OpenAI-compatible server will do, one on this machine included, or Anthropic.</EmptyState>
      ) : null}
      {data && data.agents.length > 0 ? (
        <Table label="Agents" className="-mx-2 w-[calc(100%+16px)]">
          <TableHead>
            <HeadCell>Name</HeadCell>
            <HeadCell className="max-sm:hidden">Model</HeadCell>
            <HeadCell className="w-28 max-sm:hidden">Tools</HeadCell>
            <HeadCell className="w-22">
              <span className="sr-only">Actions</span>
            </HeadCell>
          </TableHead>
          <tbody>
            {data.agents.map((row) => (
              <AgentLine key={row.id} row={row} />
            ))}
          </tbody>
        </Table>
      ) : null}
      {creating ? <AgentDialog row={null} onClose={() => setCreating(false)} /> : null}
    </Section>
  );
}
