/**
 * The version of what the engine writes: definitions, journal events, messages. Raise it when an older worker would misread
 * what this one writes (a new kind of event, a step type's new shape, another meaning of a field), and only then.
 *
 * Where several versions run at once, as in a rolling deploy, a run belongs to the newest that has written to it: whoever makes
 * a run, claims it or changes it marks it with its own version, and no older worker claims it or executes a step of it. An
 * older run goes on under any version.
 */
export const ENGINE_VERSION = 3;
