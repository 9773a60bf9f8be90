import { Handle, Position } from '@xyflow/react';
import { Plus } from 'lucide-react';
import { useContext } from 'react';
import { CanvasEditingContext } from './canvas-editing.ts';
import { CARD_WIDTH, PILL_OFFSET, type Port } from './card-shape.ts';
import { handleOf, type StepCardData } from './to-flow.ts';

interface StepPortsProps {
  readonly id: string;
  readonly data: StepCardData;
}

/** The handles of a card and the pills of branches that lead nowhere yet. Without editing, handles are out of sight. */
export function StepPorts({ id, data }: StepPortsProps) {
  const { shape, editable } = data;
  return (
    <>
      <Handle
        id="in"
        type="target"
        position={Position.Left}
        className="step-port"
        data-kind="target"
        isConnectableStart={false}
        style={{ left: 0, top: shape.inputY }}
        role="img"
        aria-label={`Input of ${data.name}`}
      >
        <span className="step-port__dot" />
      </Handle>
      {shape.ports.map((port) => (
        <SourcePort key={handleOf(port.branch)} id={id} name={data.name} port={port} editable={editable} />
      ))}
    </>
  );
}

interface SourcePortProps {
  readonly id: string;
  readonly name: string;
  readonly port: Port;
  readonly editable: boolean;
}

function SourcePort({ id, name, port, editable }: SourcePortProps) {
  const editing = useContext(CanvasEditingContext);
  const pillLeft = port.side === 'right' ? CARD_WIDTH + PILL_OFFSET - 18 : port.x;
  const openPicker = (event: React.MouseEvent) =>
    editing?.pickNext({ from: id, branch: port.branch }, { x: event.clientX, y: event.clientY });
  return (
    <>
      {port.branch !== null && port.side === 'right' && !port.used && (
        <span className="step-stub" style={{ left: pillLeft, top: port.y }}>
          <span className="step-stub__line" />
          <span className="step-pill" data-known={port.known} data-faded={!editable}>
            <span>{port.branch}</span>
            {editable && <Plus size={10} strokeWidth={2} aria-hidden />}
          </span>
        </span>
      )}
      <Handle
        id={handleOf(port.branch)}
        type="source"
        position={port.side === 'right' ? Position.Right : Position.Bottom}
        className="step-port"
        data-kind="source"
        data-branch={port.branch ?? undefined}
        data-used={port.used}
        style={{ left: port.x, top: port.y }}
        role={editable ? 'button' : 'img'}
        aria-label={`${port.branch ?? 'Output'} of ${name}: drag to connect, click to add the next step`}
        title={port.branch === 'error' ? 'On error' : undefined}
        // The library takes onClick for itself; a press without a drag is ours.
        onClickCapture={openPicker}
      >
        <span className="step-port__dot">
          <Plus size={10} strokeWidth={2} aria-hidden />
        </span>
      </Handle>
    </>
  );
}
