/** Ids that are the same in every simulation, so that a replay prints the same. */
export const WORKSPACE = '00000000-0000-7000-8000-000000000001';
export const WORKSPACE_ID = `ws_${WORKSPACE.replaceAll('-', '')}`;

export function workflowUuid(index: number): string {
  return `00000000-0000-7000-8000-0000000001${index.toString(16).padStart(2, '0')}`;
}

export function workflowId(index: number): string {
  return `wf_${workflowUuid(index).replaceAll('-', '')}`;
}
