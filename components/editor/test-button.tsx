import { FlaskConical, Square } from 'lucide-react';
import { runCommand } from '#components/shell/commands.ts';
import { IconButton } from '#components/ui/icon-button.tsx';
import { useTrial } from './use-trial.ts';

/** Starts a test of the draft; stops the one that is under way. */
export function TestButton({ mayRun }: { readonly mayRun: boolean }) {
  const { running } = useTrial();
  return running ? (
    <IconButton icon={Square} className="max-lg:hidden" label="Stop the test" disabled={!mayRun} onClick={() => runCommand('test.stop')} />
  ) : (
    <IconButton
      icon={FlaskConical}
      className="max-lg:hidden"
      label="Test run of the draft"
      shortcut="mod+shift+enter"
      disabled={!mayRun}
      onClick={() => runCommand('editor.test')}
    />
  );
}
