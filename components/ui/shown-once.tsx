import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Dialog } from './dialog.tsx';

interface ShownOnceProps {
  /** What it is: `key`, `address`. */
  readonly what: string;
  /** Whose it is. */
  readonly name: string;
  readonly value: string;
  /** What else is to be known about it. */
  readonly warning?: string;
  readonly onClose: () => void;
}

/** Something that is kept as a hash alone, this one time. It does not close by a click beside it. */
export function ShownOnce({ what, name, value, warning, onClose }: ShownOnceProps) {
  return (
    <Dialog
      open
      steady
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Copy the ${what} of ${name}`}
      description={`It is shown now and never again.${warning === undefined ? '' : ` ${warning}`}`}
      footer={
        <>
          <CopyButton text={value} label={`Copy ${what}`} />
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <code className="block select-all break-all rounded-control bg-sunken p-3 font-mono text-code">{value}</code>
    </Dialog>
  );
}
