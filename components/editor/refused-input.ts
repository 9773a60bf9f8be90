import type { ApiError } from '#lib/client/request.ts';

/** Why a start was refused, and what of it belongs to fields of the input. */
export interface InputRefusal {
  readonly message: string;
  /** By JSON Pointer into the input. */
  readonly errors: ReadonlyMap<string, string>;
}

const ROOT = '/input_data';

/** The server names places from the body's root; faults of the draft are told by the message alone. */
export function refusalOf({ message, details }: ApiError): InputRefusal {
  const faults = details.filter(({ path }) => path.startsWith(ROOT));
  return {
    message: faults.length > 0 ? 'The input is not accepted.' : message,
    errors: new Map(faults.map((fault) => [fault.path.slice(ROOT.length), fault.message])),
  };
}
