import { type NodeProps, useConnection } from '@xyflow/react';
import { Ban, CornerDownRight, FastForward, Filter, Pin, PowerOff, RotateCw, Timer } from 'lucide-react';
import { memo, useContext } from 'react';
import { RUN_LOOK } from '#components/ui/status.ts';
import { CanvasEditingContext } from './canvas-editing.ts';
import type { Badge } from './card-shape.ts';
import { CardState } from './card-state.tsx';
import type { StepDiffState } from './overlay.ts';
import { QuickBar } from './quick-bar.tsx';
import { SecondLine } from './second-line.tsx';
import { StepIcon } from './step-icon.tsx';
import { StepPorts } from './step-ports.tsx';
import { branchOf, type StepCardData, type StepNode } from './to-flow.ts';

const BADGE_ICONS = {
  retry: RotateCw,
  timeout: Timer,
  condition: Filter,
  off: PowerOff,
  fallback: CornerDownRight,
  continue: FastForward,
  pin: Pin,
};

/** A step on the canvas. */
export const StepCard = memo(function StepCard({ id, data, selected }: NodeProps<StepNode>) {
  const connection = useConnectionTo(id, data.editable);
  return (
    <StepCardFace data={data} selected={selected} connect={connection === null ? null : connection.refusal === null ? 'valid' : 'refused'}>
      <StepPorts id={id} data={data} />
      {data.editable && <QuickBar id={id} name={data.name} enabled={data.step.enabled !== false} hasBody={data.hasBody} />}
      {connection?.over && connection.refusal !== null && (
        <span className="step-refusal" role="status">
          <Ban size={12} aria-hidden />
          {connection.refusal}
        </span>
      )}
    </StepCardFace>
  );
});

interface StepCardFaceProps {
  readonly data: StepCardData;
  readonly selected?: boolean;
  readonly connect?: 'valid' | 'refused' | null;
  readonly children?: React.ReactNode;
}

/** What a card looks like, without the canvas around it: also the ghost that the palette drags. */
export function StepCardFace({ data, selected = false, connect = null, children }: StepCardFaceProps) {
  const { run, shape } = data;
  const status = run === null ? undefined : run === 'unreached' || run.status === 'pending' ? 'unreached' : RUN_LOOK[run.status].tone;
  return (
    <div
      className="step-card"
      data-step-id={data.step.id}
      data-selected={selected}
      data-status={status}
      data-stale={isStale(run) || undefined}
      data-diff={data.diff?.kind}
      data-off={data.step.enabled === false}
      data-connect={connect ?? undefined}
    >
      <span className="step-card__ring" />
      {data.diff !== null && data.diff.kind !== 'unchanged' && <span className="step-card__tab">{diffSign(data.diff)}</span>}
      <div className="step-card__body" style={{ height: shape.body }}>
        <span className="step-card__tile">
          <StepIcon name={data.icon} />
        </span>
        <div className="step-card__text">
          <div className="step-card__name">{data.name}</div>
          <SecondLine data={data} />
        </div>
        <CardState data={data} />
      </div>
      {shape.badges.length > 0 && (
        <div className="step-card__footer">
          {shape.badges.map((badge) => (
            <CardBadge key={badge.icon + badge.text} badge={badge} />
          ))}
        </div>
      )}
      <JoinBadge data={data} />
      {children}
    </div>
  );
}

function isStale(run: StepCardData['run']): boolean {
  return run !== null && run !== 'unreached' && run.stale === true;
}

function CardBadge({ badge }: { readonly badge: Badge }) {
  const Icon = BADGE_ICONS[badge.icon];
  return (
    <span className="step-card__badge">
      <Icon size={12} strokeWidth={1.75} aria-hidden />
      {badge.text}
    </span>
  );
}

function JoinBadge({ data: { join, run, shape } }: { readonly data: StepCardData }) {
  const counted = run !== null && run !== 'unreached' && run.join ? `${run.join.met}/${run.join.needed}` : null;
  const text = join === null ? null : (counted ?? join);
  if (text === null) return null;
  return (
    <span className="step-pill step-card__join" style={{ top: shape.inputY + 20 }}>
      {text}
    </span>
  );
}

function diffSign(diff: StepDiffState): string {
  if (diff.kind === 'added') return '+';
  if (diff.kind === 'removed') return '−';
  if (diff.kind === 'rewired') return '⇄';
  return diff.kind === 'changed' ? `~${diff.fields}` : '';
}

/** While an edge is being drawn: whether it may end here, and whether the pointer is at this card. */
function useConnectionTo(id: string, editable: boolean): { refusal: string | null; over: boolean } | null {
  const editing = useContext(CanvasEditingContext);
  const key = useConnection((connection) => {
    if (!editable || !connection.inProgress || connection.fromHandle.type !== 'source') return null;
    return `${connection.toNode?.id === id ? 1 : 0}${connection.fromNode.id}>${connection.fromHandle.id ?? ''}`;
  });
  if (key === null || editing === null) return null;
  const [from = '', ...handle] = key.slice(1).split('>');
  return { refusal: editing.refusal({ from, branch: branchOf(handle.join('>')) }, id), over: key.startsWith('1') };
}
