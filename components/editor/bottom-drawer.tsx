import { CircleAlert, TriangleAlert, X } from 'lucide-react';
import { IconButton } from '#components/ui/icon-button.tsx';
import { TabPanel, Tabs } from '#components/ui/tabs.tsx';
import { DefinitionJson } from './definition-json.tsx';
import { useEditor } from './editor-context.ts';
import { ProblemList } from './problem-list.tsx';
import type { Problems } from './use-problems.ts';

interface BottomDrawerProps {
  readonly problems: Problems;
}

/** Below the canvas: what the validator finds, and the definition as JSON. Closed, it is one line that counts. */
export function BottomDrawer({ problems }: BottomDrawerProps) {
  const { drawer, show } = useEditor((state) => state);
  if (drawer === null) return <DrawerBar problems={problems} />;
  return (
    <section aria-label="Drawer" className="flex h-60 shrink-0 flex-col border-line-1 border-t bg-bg-1">
      <Tabs
        className="flex-1"
        label="Drawer"
        value={drawer}
        onValueChange={(tab) => show({ drawer: tab })}
        items={[
          { value: 'problems', label: 'Problems', count: problems.all.length },
          { value: 'json', label: 'JSON' },
        ]}
        extra={<IconButton icon={X} label="Close" onClick={() => show({ drawer: null })} />}
      >
        <TabPanel value="problems" className="overflow-y-auto">
          <ProblemList problems={problems.all} />
        </TabPanel>
        <TabPanel value="json" className="overflow-y-auto p-2">
          <DefinitionJson />
        </TabPanel>
      </Tabs>
    </section>
  );
}

function DrawerBar({ problems }: BottomDrawerProps) {
  const show = useEditor((state) => state.show);
  const look = 'flex h-full items-center gap-1.5 px-2 text-small text-text-2 transition-hover hover:text-text-1 focus-inset';
  return (
    <div className="flex h-7 shrink-0 items-stretch border-line-1 border-t bg-bg-1 px-1 coarse:h-11">
      <button type="button" className={look} onClick={() => show({ drawer: 'problems' })}>
        {problems.errors > 0 && <CircleAlert className="size-3.5 text-status-failed" aria-hidden />}
        {problems.errors === 0 && problems.warnings > 0 && <TriangleAlert className="size-3.5 text-status-paused" aria-hidden />}
        {summary(problems)}
      </button>
      <button type="button" className={look} onClick={() => show({ drawer: 'json' })}>
        JSON
      </button>
    </div>
  );
}

function summary({ errors, warnings }: Problems): string {
  if (errors + warnings === 0) return 'No problems';
  const words = [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : ''];
  return words.filter((word) => word !== '').join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
