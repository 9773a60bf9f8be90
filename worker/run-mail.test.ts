import { describe, expect, test } from 'vitest';
import { Batcher } from '#lib/db/batcher.ts';
import type { MailPlace } from '#lib/db/mailbox.ts';
import type { Message } from '#lib/engine/message.ts';
import { RunMail } from './run-mail.ts';

function message(place: number): Message {
  return { place, kind: 'event', step: null, token: null, payload: { event_type: 'x', payload: place } };
}

/** An inbox that answers a query when told to, with what lay there as it was asked. */
function inbox() {
  const posted: Message[] = [];
  const open: (() => void)[] = [];
  const reader = new Batcher<MailPlace, readonly Message[]>(async (places) => {
    const found = places.map(({ after }) => posted.filter((one) => one.place > after));
    await new Promise<void>((resolve) => open.push(resolve));
    return found;
  }, 10);
  const answer = async (): Promise<void> => {
    while (open.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    open.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { posted, reader, answer };
}

function mailOf(reader: RunMailReader, claim: { mail: number; messages: Message[] }) {
  const got: number[] = [];
  const mail = new RunMail(reader, { id: 'run', ...claim }, (messages) => got.push(...messages.map((one) => one.place)));
  return { mail, got };
}
type RunMailReader = ReturnType<typeof inbox>['reader'];

describe('the mail of a driven run', () => {
  test('what is told of while a read is under way that cannot see it is read after', async () => {
    const { posted, reader, answer } = inbox();
    const { mail, got } = mailOf(reader, { mail: 0, messages: [] });
    mail.look();
    await new Promise((resolve) => setTimeout(resolve, 1));
    posted.push(message(1));
    mail.read(1);
    await answer();
    expect(got).toEqual([]);
    expect(mail.reading).toBe(true);
    await answer();
    expect(got).toEqual([1]);
    expect([mail.reading, mail.taken()]).toEqual([false, { mail: 1, removesMail: true }]);
  });

  test('what lay there at the claim is not removed before it is opened', () => {
    const { reader } = inbox();
    const { mail } = mailOf(reader, { mail: 4, messages: [message(3), message(4)] });
    expect(mail.taken()).toEqual({ mail: 2, removesMail: false });
    expect(mail.open()).toEqual([message(3), message(4)]);
    expect([mail.taken(), mail.open()]).toEqual([{ mail: 4, removesMail: true }, []]);
    mail.removed(4);
    expect(mail.taken()).toEqual({ mail: 4, removesMail: false });
  });

  test('mail that was read long ago is known', () => {
    const { reader } = inbox();
    const { mail } = mailOf(reader, { mail: 7, messages: [] });
    mail.open();
    expect(mail.taken()).toEqual({ mail: 7, removesMail: false });
  });
});
