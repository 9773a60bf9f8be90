'use client';

import { useTheme } from 'next-themes';
import { useId, useState, useSyncExternalStore } from 'react';
import { THEMES } from '#components/shell/person-menu.tsx';
import { setSingleKeys, singleKeysOn } from '#components/shell/preferences.ts';
import { Segmented } from '#components/ui/segmented.tsx';
import { Switch } from '#components/ui/switch.tsx';
import { Section, SettingRow } from './section.tsx';

const never = () => () => {};

/** What this browser remembers: theme and shortcuts. */
export function AppearanceSection() {
  const { theme, setTheme } = useTheme();
  // The server does not know the theme; it draws the choice empty and the browser fills it in.
  const mounted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const keysId = useId();
  const [keysOn, setKeysOn] = useState<boolean | null>(null);
  const shortcuts = keysOn ?? (mounted ? singleKeysOn() : true);

  return (
    <Section title="This browser">
      <div className="flex flex-col">
        <SettingRow label="Theme">
          <Segmented
            label="Theme"
            options={THEMES}
            value={(mounted ? (theme ?? 'system') : '') as (typeof THEMES)[number]['value']}
            onValueChange={setTheme}
          />
        </SettingRow>
        <SettingRow label={<label htmlFor={keysId}>Single-key shortcuts</label>} help="Such as / and ?; those with Ctrl or ⌘ always work">
          <div className="flex items-center">
            <Switch
              id={keysId}
              checked={shortcuts}
              onCheckedChange={(on) => {
                setSingleKeys(on);
                setKeysOn(on);
              }}
            />
          </div>
        </SettingRow>
      </div>
    </Section>
  );
}
