import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { RunState } from './state.ts';

export declare function apply(state: RunState, event: RunEvent | NewRunEvent): RunState;
export declare function fold(graph: Graph, events: Iterable<RunEvent | NewRunEvent>): RunState;
