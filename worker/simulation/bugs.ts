/**
 * Rules that a simulation can be told to break, one at a time, to see that it would notice. They are broken in the simulated
 * database or network, never in the product's code.
 */
export const BUGS = {
  'no fence': 'the journal takes what a dead worker, or one that has lost the run, writes',
  'release over mail': 'a run is given back although it has mail that its owner has not read',
  'release over control': 'a run is given back although somebody has wished something of it',
  'no dedupe': 'a message that came twice is taken twice',
  'early answer': 'the journal answers before it has written, and what a crash cuts off was never written',
  'stolen claim': 'a run that somebody drives can be claimed',
  'rough last seq': 'a run that is taken from its owner keeps the number that its row had',
  'silent child': 'the end of a run is not told to the run that waits for it',
  'lost mail': 'mail is removed with an append that has not read it',
  'two executors': 'an offer that somebody has claimed can be claimed again, and both may report',
  'open gate': 'a limit lets in as many as come',
  'forgotten wait': 'a parked run is not woken by its mail',
  'no take-over': 'the runs of a dead worker stay its own',
} as const;

export type Bug = keyof typeof BUGS;
export type Bugs = ReadonlySet<Bug>;
