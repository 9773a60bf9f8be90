import { expect, it } from 'vitest';
import * as account from '#lib/contracts/account.ts';
import * as agents from '#lib/contracts/agents.ts';
import type { Contract } from '#lib/contracts/contract.ts';
import * as runs from '#lib/contracts/runs.ts';
import * as secrets from '#lib/contracts/secrets.ts';
import * as templates from '#lib/contracts/templates.ts';
import * as versions from '#lib/contracts/versions.ts';
import * as workflows from '#lib/contracts/workflows.ts';
import { openApiDocument } from '#lib/http/openapi.ts';

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: unknown[];
  responses: Record<string, { description: string }>;
}

const contracts = [account, agents, runs, secrets, templates, versions, workflows]
  .flatMap((module) => Object.values(module) as unknown[])
  .filter((entry): entry is Contract => typeof entry === 'object' && entry !== null && 'operation' in entry);
const document = openApiDocument(contracts) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
};
const described = Object.values(document.paths).flatMap((path) => Object.values(path));

it('describes every contract once', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(described.map((operation) => operation.operationId).sort()).toEqual(contracts.map((contract) => contract.operation).sort());
});

it('tells of every operation what it does and how it can be refused', () => {
  for (const operation of described) {
    expect(operation.summary).not.toBe('');
    expect(operation.description).not.toBe('');
    expect(operation.tags).toHaveLength(1);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '422', '429', '500']));
  }
});

it('asks for sign-in everywhere but on the open routes', () => {
  const openRoutes = described.filter((operation) => operation.security?.length === 0).map((operation) => operation.operationId);
  expect(openRoutes.sort()).toEqual(['getHealth', 'getSession', 'setUp']);
  for (const operation of described) {
    expect('401' in operation.responses).toBe(!openRoutes.includes(operation.operationId));
  }
});

it('is plain JSON with named components', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Error', 'Problem', 'Run', 'RunEvent', 'Workflow']));
});
