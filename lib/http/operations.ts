import * as account from '#lib/contracts/account.ts';
import * as agents from '#lib/contracts/agents.ts';
import * as approvals from '#lib/contracts/approvals.ts';
import * as audit from '#lib/contracts/audit.ts';
import * as deliveries from '#lib/contracts/deliveries.ts';
import * as events from '#lib/contracts/events.ts';
import * as hooks from '#lib/contracts/hooks.ts';
import * as control from '#lib/contracts/run-control.ts';
import * as why from '#lib/contracts/run-explain.ts';
import * as runs from '#lib/contracts/runs.ts';
import * as schedules from '#lib/contracts/schedules.ts';
import * as secrets from '#lib/contracts/secrets.ts';
import * as taskWorkers from '#lib/contracts/task-workers.ts';
import * as templates from '#lib/contracts/templates.ts';
import * as trial from '#lib/contracts/trial.ts';
import * as versions from '#lib/contracts/versions.ts';
import * as workflows from '#lib/contracts/workflows.ts';
import { followDraftOperation } from '#lib/http/follow-draft.ts';
import { answer, type Operation, open, operation } from '#lib/http/handle.ts';
import { pollOperation } from '#lib/http/poll-task-worker.ts';
import { stepOutputOperation } from '#lib/http/step-output.ts';
import { streamOperation } from '#lib/http/stream-run.ts';
import { backfillSchedule } from '#lib/server/backfill-schedule.ts';
import { bulkRuns } from '#lib/server/bulk-runs.ts';
import { cancelRun } from '#lib/server/cancel-run.ts';
import { createAgent } from '#lib/server/create-agent.ts';
import { createHook } from '#lib/server/create-hook.ts';
import { createKey } from '#lib/server/create-key.ts';
import { createSchedule } from '#lib/server/create-schedule.ts';
import { createTemplate } from '#lib/server/create-template.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { decideApproval } from '#lib/server/decide-approval.ts';
import { deleteAgent } from '#lib/server/delete-agent.ts';
import { deleteHook } from '#lib/server/delete-hook.ts';
import { deleteRun } from '#lib/server/delete-run.ts';
import { deleteSchedule } from '#lib/server/delete-schedule.ts';
import { deleteSecret } from '#lib/server/delete-secret.ts';
import { deleteTemplate } from '#lib/server/delete-template.ts';
import { deleteWorkflow } from '#lib/server/delete-workflow.ts';
import { diffVersions } from '#lib/server/diff-versions.ts';
import { explainRun } from '#lib/server/explain-run.ts';
import { forkRun } from '#lib/server/fork-run.ts';
import { getAgent } from '#lib/server/get-agent.ts';
import { getDraft } from '#lib/server/get-draft.ts';
import { getHealth } from '#lib/server/get-health.ts';
import { getHookCall } from '#lib/server/get-hook-call.ts';
import { getRetention } from '#lib/server/get-retention.ts';
import { getRun } from '#lib/server/get-run.ts';
import { getSchedule } from '#lib/server/get-schedule.ts';
import { getSession } from '#lib/server/get-session.ts';
import { getSigningSecret, rotateSigningSecret } from '#lib/server/get-signing-secret.ts';
import { getTemplate } from '#lib/server/get-template.ts';
import { getTests } from '#lib/server/get-tests.ts';
import { getVersion } from '#lib/server/get-version.ts';
import { getVersionGraph } from '#lib/server/get-version-graph.ts';
import { getWorkflow } from '#lib/server/get-workflow.ts';
import { installTemplate } from '#lib/server/install-template.ts';
import { leaveTaskWorker } from '#lib/server/leave-task-worker.ts';
import { listAgents } from '#lib/server/list-agents.ts';
import { listAllHooks } from '#lib/server/list-all-hooks.ts';
import { listApprovals } from '#lib/server/list-approvals.ts';
import { listAudit } from '#lib/server/list-audit.ts';
import { listDeliveries, redeliver } from '#lib/server/list-deliveries.ts';
import { listHookCalls } from '#lib/server/list-hook-calls.ts';
import { listHooks } from '#lib/server/list-hooks.ts';
import { listKeys } from '#lib/server/list-keys.ts';
import { listRuns } from '#lib/server/list-runs.ts';
import { listScheduleFires } from '#lib/server/list-schedule-fires.ts';
import { listSchedules, listWorkflowSchedules } from '#lib/server/list-schedules.ts';
import { listSecrets } from '#lib/server/list-secrets.ts';
import { listTemplates } from '#lib/server/list-templates.ts';
import { listVersions } from '#lib/server/list-versions.ts';
import { listWorkflowRuns } from '#lib/server/list-workflow-runs.ts';
import { listWorkflows } from '#lib/server/list-workflows.ts';
import { listenHook } from '#lib/server/listen-hook.ts';
import { pauseRun } from '#lib/server/pause-run.ts';
import { previewSchedule } from '#lib/server/preview-schedule.ts';
import { deletePin, putPin } from '#lib/server/put-pin.ts';
import { putSecret } from '#lib/server/put-secret.ts';
import { registerTaskWorker } from '#lib/server/register-task-worker.ts';
import { replayHookCall } from '#lib/server/replay-hook-call.ts';
import { reportTaskWorker } from '#lib/server/report-task-worker.ts';
import { restartRun, resumeRun } from '#lib/server/resume-run.ts';
import { revokeKey } from '#lib/server/revoke-key.ts';
import { rollbackWorkflow } from '#lib/server/rollback-workflow.ts';
import { rotateHook } from '#lib/server/rotate-hook.ts';
import { runSchedule } from '#lib/server/run-schedule.ts';
import { saveDraft } from '#lib/server/save-draft.ts';
import { sendEvent } from '#lib/server/send-event.ts';
import { setRetention } from '#lib/server/set-retention.ts';
import { setUp } from '#lib/server/set-up.ts';
import { setWorkflowStatus } from '#lib/server/set-workflow-status.ts';
import { startRun } from '#lib/server/start-run.ts';
import { startRuns } from '#lib/server/start-runs.ts';
import { startTest } from '#lib/server/start-test.ts';
import { updateAgent } from '#lib/server/update-agent.ts';
import { updateHook } from '#lib/server/update-hook.ts';
import { pauseSchedule, resumeSchedule, updateSchedule } from '#lib/server/update-schedule.ts';
import { updateWorkflow } from '#lib/server/update-workflow.ts';
import { validateWorkflow } from '#lib/server/validate-workflow.ts';

/** Every endpoint of the native API: a contract and the use case that fulfils it. The router and the OpenAPI document read this. */
export const operations: readonly Operation[] = [
  operation(workflows.createWorkflow, createWorkflow),
  operation(workflows.listWorkflows, listWorkflows),
  operation(workflows.validateWorkflow, validateWorkflow),
  operation(workflows.getWorkflow, getWorkflow),
  operation(workflows.updateWorkflow, updateWorkflow),
  operation(workflows.deleteWorkflow, deleteWorkflow),
  operation(workflows.setWorkflowStatus, setWorkflowStatus),
  operation(workflows.getDraft, getDraft),
  operation(workflows.saveDraft, saveDraft),
  followDraftOperation,
  operation(workflows.getRetention, getRetention),
  operation(workflows.setRetention, setRetention),
  operation(versions.listVersions, listVersions),
  operation(versions.getVersion, getVersion),
  operation(versions.getVersionGraph, getVersionGraph),
  operation(versions.diffVersions, diffVersions),
  operation(versions.rollbackWorkflow, rollbackWorkflow),
  operation(runs.startRun, startRun),
  operation(runs.startRuns, startRuns),
  operation(trial.getTests, getTests),
  operation(trial.startTest, startTest),
  operation(trial.putPin, putPin),
  operation(trial.deletePin, deletePin),
  operation(runs.listWorkflowRuns, listWorkflowRuns),
  operation(runs.listRuns, listRuns),
  operation(runs.getRun, getRun),
  operation(why.explainRun, explainRun),
  operation(runs.deleteRun, deleteRun),
  operation(control.cancelRun, cancelRun),
  operation(control.pauseRun, pauseRun),
  operation(control.resumeRun, resumeRun),
  operation(control.restartRun, restartRun),
  operation(control.forkRun, forkRun),
  operation(control.bulkRuns, bulkRuns),
  operation(deliveries.listDeliveries, listDeliveries),
  operation(deliveries.redeliver, redeliver),
  operation(events.sendEvent, sendEvent),
  streamOperation,
  stepOutputOperation,
  operation(schedules.createSchedule, createSchedule),
  operation(schedules.listWorkflowSchedules, listWorkflowSchedules),
  operation(schedules.listSchedules, listSchedules),
  operation(schedules.previewSchedule, previewSchedule),
  operation(schedules.getSchedule, getSchedule),
  operation(schedules.updateSchedule, updateSchedule),
  operation(schedules.deleteSchedule, deleteSchedule),
  operation(schedules.pauseSchedule, pauseSchedule),
  operation(schedules.resumeSchedule, resumeSchedule),
  operation(schedules.runSchedule, runSchedule),
  operation(schedules.backfillSchedule, backfillSchedule),
  operation(schedules.listScheduleFires, listScheduleFires),
  operation(approvals.listApprovals, listApprovals),
  operation(approvals.decideApproval, decideApproval),
  operation(hooks.createHook, createHook),
  operation(hooks.listHooks, listHooks),
  operation(hooks.listAllHooks, listAllHooks),
  operation(hooks.updateHook, updateHook),
  operation(hooks.rotateHook, rotateHook),
  operation(hooks.deleteHook, deleteHook),
  operation(hooks.listenHook, listenHook),
  operation(hooks.listHookCalls, listHookCalls),
  operation(hooks.getHookCall, getHookCall),
  operation(hooks.replayHookCall, replayHookCall),
  operation(templates.listTemplates, listTemplates),
  operation(templates.createTemplate, createTemplate),
  operation(templates.getTemplate, getTemplate),
  operation(templates.deleteTemplate, deleteTemplate),
  operation(templates.installTemplate, installTemplate),
  operation(taskWorkers.registerTaskWorker, registerTaskWorker),
  pollOperation,
  operation(taskWorkers.reportTaskWorker, reportTaskWorker),
  operation(taskWorkers.leaveTaskWorker, leaveTaskWorker),
  operation(agents.listAgents, listAgents),
  operation(agents.createAgent, createAgent),
  operation(agents.getAgent, getAgent),
  operation(agents.updateAgent, updateAgent),
  operation(agents.deleteAgent, deleteAgent),
  operation(secrets.listSecrets, listSecrets),
  operation(secrets.putSecret, putSecret),
  operation(secrets.deleteSecret, deleteSecret),
  operation(deliveries.getSigningSecret, getSigningSecret),
  operation(deliveries.rotateSigningSecret, rotateSigningSecret),
  operation(audit.listAudit, listAudit),
  operation(account.listKeys, listKeys),
  operation(account.createKey, createKey),
  operation(account.revokeKey, revokeKey),
  open(account.getSession, async (call) => {
    const session = await getSession(call);
    return answer(account.getSession, session.answer, call.requestId, session.headers);
  }),
  open(account.setUp, async (call) => {
    const made = await setUp(call, call.input);
    return answer(account.setUp, made.answer, call.requestId, made.headers);
  }),
  open(account.getHealth, async (call) => {
    const health = await getHealth();
    const headers = { 'x-request-id': call.requestId, 'cache-control': 'no-store' };
    return Response.json(health, { status: health.status === 'ok' ? 200 : 503, headers });
  }),
];
