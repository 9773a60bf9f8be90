import { Panel, useReactFlow, useStore } from '@xyflow/react';
import { type LucideIcon, Maximize, Minus, Plus, WandSparkles } from 'lucide-react';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { FIT_PADDING } from './canvas-handle.ts';

interface CanvasControlsProps {
  /** Lays the graph out anew; absent on a read-only canvas. */
  readonly tidy: (() => void) | null;
}

const EASE = { duration: 180 } as const;

/** One joined bar: zoom out, zoom, zoom in, fit, tidy. */
export function CanvasControls({ tidy }: CanvasControlsProps) {
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <Panel
      position="bottom-left"
      className="m-3! flex h-7 items-stretch rounded-control border border-line-1 bg-bg-3 text-text-2 shadow-s2 coarse:h-11"
    >
      <ControlButton label="Zoom out" shortcut="-" Icon={Minus} onPress={() => flow.zoomOut(EASE)} />
      <Tooltip content="Zoom to 100 %" shortcut="0" side="top">
        <button
          type="button"
          className="w-12 border-line-1 border-x text-small tabular-nums hover:bg-hover focus-inset"
          onClick={() => flow.zoomTo(1, EASE)}
        >
          {zoom} %
        </button>
      </Tooltip>
      <ControlButton label="Zoom in" shortcut="+" Icon={Plus} onPress={() => flow.zoomIn(EASE)} />
      <ControlButton
        label="Fit the whole graph"
        shortcut="1"
        Icon={Maximize}
        onPress={() => flow.fitView({ ...EASE, padding: FIT_PADDING, maxZoom: 1 })}
      />
      {tidy !== null && <ControlButton label="Tidy up" shortcut="shift+t" Icon={WandSparkles} onPress={tidy} />}
    </Panel>
  );
}

interface ControlButtonProps {
  readonly label: string;
  readonly shortcut: string;
  readonly Icon: LucideIcon;
  readonly onPress: () => void;
}

function ControlButton({ label, shortcut, Icon, onPress }: ControlButtonProps) {
  return (
    <Tooltip content={label} shortcut={shortcut} side="top">
      <button
        type="button"
        aria-label={label}
        className="grid w-7 place-items-center transition-hover first:rounded-l-control last:rounded-r-control hover:bg-hover hover:text-text-1 focus-inset coarse:w-11"
        onClick={onPress}
      >
        <Icon className="size-4" aria-hidden />
      </button>
    </Tooltip>
  );
}
