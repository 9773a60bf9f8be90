/**
 * A finding of a check, as a value: what is wrong, where, and a stable code that programs can rely on.
 * The same shape stands in `details` of every error answer.
 */
export interface Problem {
  /** Id of the step that it concerns, where there is one. */
  readonly step?: string;
  /** JSON Pointer (RFC 6901) into the checked document; `''` is the document itself. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}
