'use client';

import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { TopBar } from '#components/shell/top-bar.tsx';
import { useTitle } from '#components/shell/use-title.ts';
import { Chip } from '#components/ui/chip.tsx';
import { Markdown } from '#components/ui/markdown.tsx';
import { LoadingText, Skeleton } from '#components/ui/skeleton.tsx';
import { plural } from '#lib/client/format.ts';
import { templateOptions } from '#lib/client/templates.ts';
import type { Template } from '#lib/contracts/templates.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { DeleteTemplate } from './delete-template.tsx';
import { InstallForm } from './install-form.tsx';
import { type ParameterValues, readParameters, writeParameters } from './parameters.ts';
import { previewTemplate } from './preview.ts';
import { needsOf } from './template-card.tsx';
import { TemplateGraph } from './template-graph.tsx';

/** One template: its graph, what it does and needs, and the form that installs it. */
export function TemplatePage({ templateId }: { templateId: string }) {
  const { data: template, error, refetch } = useQuery(templateOptions(templateId));
  const mayWrite = useCan('workflows:write');
  useTitle(template?.name, 'Templates');
  return (
    <>
      <TopBar
        crumbs={[{ label: 'Templates', href: '/templates' }]}
        title={template?.name ?? (error ? 'Unknown template' : <Skeleton className="h-4 w-40" />)}
        chip={template ? <Chip>{template.category}</Chip> : null}
        actions={mayWrite && template && !template.is_builtin ? <DeleteTemplate template={template} leave /> : null}
      />
      <Page>
        {template ? (
          <Details template={template} />
        ) : error ? (
          <LoadError what="this template" error={error} retry={() => refetch()} className="pt-6" />
        ) : (
          <div className="grid gap-6 pt-6 lg:grid-cols-[minmax(0,1fr)_360px]">
            <LoadingText>Loading the template</LoadingText>
            <Skeleton className="h-80 rounded-card" />
            <Skeleton className="h-80 rounded-card" />
          </div>
        )}
      </Page>
    </>
  );
}

function Details({ template }: { template: Template }) {
  const mayInstall = useCan('workflows:write');
  const parameters = useMemo(() => readParameters(template.parameters), [template.parameters]);
  const [values, setValues] = useState<ParameterValues>({});
  const settled = useDeferredValue(values);
  const preview = useMemo(() => previewTemplate(template, writeParameters(parameters, settled).written), [template, parameters, settled]);
  return (
    <div className="grid gap-x-8 gap-y-6 pt-6 lg:grid-cols-[minmax(0,1fr)_360px]">
      <div className="flex min-w-0 flex-col gap-6 lg:col-start-1">
        <div className="flex flex-col gap-1">
          <p className="max-w-180 text-doc text-text-2">{template.description}</p>
          <p className="text-small text-text-3">
            {plural(template.step_count, 'step')} · {needsOf(template)}
            {template.tags.length > 0 ? ` · ${template.tags.join(', ')}` : ''}
          </p>
        </div>
        <TemplateGraph definition={preview} className="h-72 rounded-card border border-line-2 p-6 max-sm:h-44 max-sm:p-2" />
      </div>
      <div className="flex min-w-0 flex-col gap-6 max-lg:order-3 lg:col-start-1">
        <StepList definition={preview} />
        {template.readme === '' ? null : <Markdown text={template.readme} className="max-w-180" />}
      </div>
      {mayInstall ? (
        <section
          aria-label="Install"
          className="flex flex-col gap-4 self-start max-lg:max-w-160 lg:sticky lg:top-6 lg:col-start-2 lg:row-span-2 lg:row-start-1"
        >
          <h2 className="text-section">Install</h2>
          <InstallForm template={template} parameters={parameters} values={values} onChange={setValues} />
        </section>
      ) : null}
    </div>
  );
}

function StepList({ definition }: { definition: Definition }) {
  return (
    <section aria-label="Steps">
      <h2 className="pb-2 text-heading">Steps</h2>
      <ol className="flex flex-col">
        {definition.steps.map((step) => {
          const type = stepType(stepCatalog, step.type);
          return (
            <li key={step.id} className="flex min-h-9 items-center gap-3 border-line-1 border-b last:border-b-0">
              <span className="w-44 shrink-0 truncate font-medium max-sm:w-32">{step.name ?? step.id}</span>
              <span className="w-28 shrink-0 truncate text-small text-text-3 max-sm:hidden">{type?.title ?? step.type}</span>
              <span className="min-w-0 truncate font-mono text-code text-text-2">{type?.describe(step.config ?? {}) ?? ''}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
