import type { Ref } from 'react';
import { createPortal } from 'react-dom';
import type { StepCatalog, StepDefinition } from '#lib/workflow/step-type.ts';
import { cardShape, describeStep } from '../graph/card-shape.ts';
import { StepCardFace } from '../graph/step-card.tsx';

interface GhostCardProps {
  readonly type: StepDefinition | null;
  readonly catalog: StepCatalog;
  readonly ref: Ref<HTMLDivElement>;
}

/** The real card of a step type, out of sight: the picture that a drag from the palette shows. */
export function GhostCard({ type, catalog, ref }: GhostCardProps) {
  if (type === null) return null;
  const step = { id: type.type, type: type.type, config: type.initialConfig };
  const shape = cardShape(step, catalog);
  const data = {
    step,
    name: type.title,
    icon: type.icon,
    typeTitle: type.title,
    line: describeStep(step, type),
    shape,
    hasBody: false,
    join: null,
    problem: null,
    run: null,
    diff: null,
    editable: false,
  };
  return createPortal(
    <div ref={ref} aria-hidden className="pointer-events-none fixed -top-50 left-0" style={{ width: shape.width, height: shape.height }}>
      <StepCardFace data={data} />
    </div>,
    document.body,
  );
}
