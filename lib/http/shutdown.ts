const registry = globalThis as { weftlineShutdown?: AbortController };

function controller(): AbortController {
  registry.weftlineShutdown ??= new AbortController();
  return registry.weftlineShutdown;
}

/** Fires when the process is asked to stop; open streams end then, so that their readers reconnect elsewhere. */
export function shutdownSignal(): AbortSignal {
  return controller().signal;
}

export function closeStreams(): void {
  controller().abort();
}
