import type { Position, Step } from '#lib/workflow/definition.ts';
import { dependencyBranch, dependencyStep } from '#lib/workflow/graph.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { CARD_WIDTH, type CardShape, cardShape, type Port, takenBranches } from './card-shape.ts';
import { edgeCurve } from './edge-path.ts';
import { resolvePositions } from './layout.ts';
import { StepIcon } from './step-icon.tsx';

interface MiniGraphProps {
  readonly steps: readonly Step[];
  readonly catalog: StepCatalog;
  /** Says what is drawn, for a screen reader. */
  readonly label: string;
  readonly className?: string;
}

const MARGIN = 16;
/** A card in the preview is never drawn larger than this share of its size. */
const MAX_SCALE = 0.75;

/** A graph that is wider than this (canvas pixels) would make its names too small to be read: it is drawn with icons alone. */
const NAMED_WIDTH = 1300;
/** The card of such a graph, and how much closer together those stand. */
const TILE: CardShape = { width: 56, height: 56, body: 56, inputY: 28, badges: [], ports: [] };
const CLOSER = { x: (56 + 48) / (240 + 96), y: (56 + 24) / (56 + 32) };

/** A small still picture of a graph: cards with icon and name, or as tiles where there are many; edges as curves. Scales to its parent's width. */
export function MiniGraph({ steps, catalog, label, className }: MiniGraphProps) {
  const taken = takenBranches(steps);
  const places = resolvePositions(steps, catalog);
  const across = [...places.values()].map(({ x }) => x);
  const isNamed = Math.max(...across) - Math.min(...across) + CARD_WIDTH <= NAMED_WIDTH;
  const cards = steps.map((step) => ({
    step,
    at: closer(places.get(step.id) ?? { x: 0, y: 0 }, isNamed),
    shape: isNamed ? cardShape(step, catalog, taken.get(step.id)) : TILE,
    icon: stepType(catalog, step.type)?.icon ?? '',
  }));
  if (cards.length === 0) return null;
  const left = Math.min(...cards.map(({ at }) => at.x)) - MARGIN;
  const top = Math.min(...cards.map(({ at }) => at.y)) - MARGIN;
  const width = Math.max(...cards.map(({ at, shape }) => at.x + shape.width)) + MARGIN - left;
  const height = Math.max(...cards.map(({ at, shape }) => at.y + shape.height)) + MARGIN - top;
  const byId = new Map(cards.map((card) => [card.step.id, card]));
  return (
    <svg
      viewBox={`${left} ${top} ${width} ${height}`}
      className={className}
      style={{ maxWidth: width * MAX_SCALE, maxHeight: '100%' }}
      role="img"
      aria-label={label}
      preserveAspectRatio="xMidYMid meet"
    >
      {cards.flatMap(({ step, at, shape }) =>
        (step.depends_on ?? []).map((dependency) => {
          const from = byId.get(dependencyStep(dependency));
          const branch = dependencyBranch(dependency);
          const port = isNamed ? from?.shape.ports.find((candidate) => candidate.branch === branch) : tilePort(branch);
          if (!from || !port) return null;
          const curve = edgeCurve({ x: from.at.x + port.x, y: from.at.y + port.y }, { x: at.x, y: at.y + shape.inputY }, port.side);
          return <path key={`${from.step.id}>${step.id}>${branch}`} d={curve.path} fill="none" stroke="var(--line-3)" strokeWidth={2.5} />;
        }),
      )}
      {cards.map(({ step, at, shape, icon }) => (
        <g key={step.id} transform={`translate(${at.x} ${at.y})`} className="text-text-2">
          <rect width={shape.width} height={shape.height} rx={10} fill="var(--bg-2)" stroke="var(--line-2)" strokeWidth={2} />
          <title>{step.name ?? step.id}</title>
          <svg x={isNamed ? 16 : 14} y={shape.body / 2 - 14} width={28} height={28} viewBox="0 0 16 16" aria-hidden>
            <StepIcon name={icon} />
          </svg>
          {isNamed && (
            <foreignObject x={56} y={shape.body / 2 - 16} width={shape.width - 68} height={32}>
              <div className="truncate text-text-1" style={{ fontSize: 20, lineHeight: '32px', fontWeight: 500 }}>
                {step.name ?? step.id}
              </div>
            </foreignObject>
          )}
        </g>
      ))}
    </svg>
  );
}

function closer(at: Position, isNamed: boolean): Position {
  return isNamed ? at : { x: at.x * CLOSER.x, y: at.y * CLOSER.y };
}

function tilePort(branch: string | null): Pick<Port, 'x' | 'y' | 'side'> {
  return branch === 'error' ? { x: 28, y: 56, side: 'bottom' } : { x: 56, y: 28, side: 'right' };
}
