import { type PointerEvent, useState } from 'react';
import { Sheet } from '#components/ui/sheet.tsx';
import type { EditorActions } from './editor-actions.ts';
import { useEditor } from './editor-context.ts';
import { Inspector } from './inspector.tsx';
import { InspectorSheet } from './inspector-sheet.tsx';
import { Palette } from './palette.tsx';
import { useIsNarrow } from './use-is-narrow.ts';
import type { Problems } from './use-problems.ts';

interface EditorSidesProps {
  readonly actions: EditorActions;
  readonly problems: Problems;
  /** The canvas and what is below it. */
  readonly children: React.ReactNode;
}

const WIDTH_KEY = 'weftline-inspector-width';
const [MIN_WIDTH, FIRST_WIDTH, MAX_WIDTH] = [320, 360, 640];

/** Palette left, inspector right; on narrow screens both are sheets. */
export function EditorSides({ actions, problems, children }: EditorSidesProps) {
  const isNarrow = useIsNarrow();
  const { paletteOpen, show } = useEditor((state) => state);
  const [width, setWidth] = useState(rememberedWidth);
  const middle = <div className="flex min-w-0 flex-1 flex-col">{children}</div>;
  if (isNarrow) {
    return (
      <>
        {middle}
        <Sheet side="bottom" open={paletteOpen} onOpenChange={(open) => show({ paletteOpen: open })} title="Add a step">
          <Palette actions={actions} />
        </Sheet>
        <InspectorSheet>
          <Inspector actions={actions} problems={problems} />
        </InspectorSheet>
      </>
    );
  }
  return (
    <div className="flex min-h-0 flex-1">
      <aside aria-label="Step types" className="flex w-62 shrink-0 flex-col border-line-1 border-r bg-bg-1 max-lg:w-52">
        <Palette actions={actions} />
      </aside>
      {middle}
      <aside aria-label="Inspector" className="relative flex shrink-0 flex-col border-line-1 border-l bg-bg-1" style={{ width }}>
        <ResizeEdge width={width} onWidth={setWidth} />
        <Inspector actions={actions} problems={problems} />
      </aside>
    </div>
  );
}

interface ResizeEdgeProps {
  readonly width: number;
  readonly onWidth: (width: number) => void;
}

/** The inspector's left edge: drag it, or use the arrow keys. */
function ResizeEdge({ width, onWidth }: ResizeEdgeProps) {
  function set(next: number) {
    const clamped = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, next)));
    onWidth(clamped);
    window.localStorage.setItem(WIDTH_KEY, String(clamped));
  }
  function onPointerMove(event: PointerEvent<HTMLElement>) {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) set(width - event.movementX);
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no thematic break
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the inspector"
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      aria-valuemax={MAX_WIDTH}
      className="-left-1 absolute inset-y-0 z-10 w-2 cursor-col-resize focus-inset"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') set(width + 16);
        if (event.key === 'ArrowRight') set(width - 16);
      }}
    />
  );
}

function rememberedWidth(): number {
  const stored = typeof window === 'undefined' ? null : window.localStorage.getItem(WIDTH_KEY);
  const width = stored === null ? FIRST_WIDTH : Number(stored);
  return Number.isFinite(width) ? Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)) : FIRST_WIDTH;
}
