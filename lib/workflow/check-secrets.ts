import { toPointer } from '#lib/base/json.ts';
import { type Checked, report } from './findings.ts';

/** Keys whose value is a secret, whatever it looks like. */
const SECRET_KEY =
  /^(authorization|proxy-authorization|x-api-key|api[-_]?key|apikey|password|passwd|secret|client[-_]?secret|(access|auth|bearer|refresh)?[-_]?token|private[-_]?key)$/i;
/** Values that are a secret, wherever they stand: well-known prefixes of keys, and private keys. */
const SECRET_VALUE =
  /\b(sk-[A-Za-z0-9_-]{20,}|sk_live_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|glpat-[\w-]{20,})|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bBearer [A-Za-z0-9._~+/-]{16,}/;

/** Warns of secrets in plain text: they would be readable in every version, diff and export. The value is never repeated. */
export function checkSecrets({ definition, warnings }: Checked): void {
  definition.steps.forEach((step, at) => {
    const stack: { readonly value: unknown; readonly path: readonly string[] }[] = [
      { value: step.config, path: ['config'] },
      { value: step.undo?.config, path: ['undo', 'config'] },
    ];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
      const { value, path } = place;
      if (typeof value === 'string') {
        const key = path.at(-1) ?? '';
        const named = (SECRET_KEY.test(key) || (key === 'value' && path.at(-2) === 'auth')) && value.trim() !== '' && !value.includes('{{');
        if (!named && !(value.length >= 16 && SECRET_VALUE.test(value))) continue;
        const message = 'This looks like a secret in plain text; keep it under Settings → Secrets and write {{ secrets.NAME }} here';
        report(warnings, { step: step.id, path: `/steps/${at}${toPointer(path)}`, code: 'plain_secret', message });
      } else if (typeof value === 'object' && value !== null) {
        for (const [key, member] of Object.entries(value).reverse()) stack.push({ value: member, path: [...path, key] });
      }
    }
  });
}
