import type { LanguageModel } from 'ai';
import type { ModelSettings } from './settings.ts';

const DEFAULT_URLS = { 'openai-compatible': 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com/v1' } as const;

/** Where the model of these settings is. */
export function addressOf({ provider, base_url }: ModelSettings): string {
  return base_url ?? DEFAULT_URLS[provider];
}

/** The model behind these settings. The libraries are loaded when an agent first works, not when the worker starts. */
export async function openModel(
  settings: ModelSettings & { readonly structured_outputs: boolean },
  apiKey: string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<LanguageModel> {
  const baseURL = addressOf(settings).replace(/\/+$/, '');
  if (settings.provider === 'anthropic') {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    // A key that is not given must not be taken from the worker's environment.
    return createAnthropic({ baseURL, apiKey: apiKey ?? 'none', fetch })(settings.model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({
    name: 'openai-compatible',
    baseURL,
    fetch,
    includeUsage: true,
    supportsStructuredOutputs: settings.structured_outputs,
    ...(apiKey === undefined ? {} : { apiKey }),
  })(settings.model);
}
