import { loadEnvironment } from '@orca/daemon';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { createPaint, type Paint, wantsColours } from '../paint.ts';
import { getDelivery, listDeliveries, type SentAll, sendAgain, sendAllAgain } from './deliveries-api.ts';
import type { DeliveriesListOptions, DeliveriesOptions, SendAllOptions } from './register.ts';
import { renderDeliveries, renderDelivery } from './render-deliveries.ts';

/**
 * `orca deliveries list`: what course sites are owed.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be done
 */
export async function runListDeliveries(options: DeliveriesListOptions): Promise<number> {
  const env = loadEnvironment();
  const page = await listDeliveries(chooseAccess(options, env), options);
  const { deliveries, hasMore } = page;
  print(options, { deliveries, has_more: hasMore }, (paint) =>
    renderDeliveries(page, { paint, offset: options.offset, now: Date.now() }),
  );
  return 0;
}

/**
 * `orca deliveries show`: one with its tries.
 *
 * @returns the exit status
 * @throws {UserError} when there is no such delivery
 */
export async function runShowDelivery(id: number, options: DeliveriesOptions): Promise<number> {
  const delivery = await getDelivery(chooseAccess(options, loadEnvironment()), id);
  print(options, delivery, (paint) => renderDelivery(delivery, { paint, now: Date.now() }));
  return 0;
}

/**
 * `orca deliveries send-again`: has one sent again.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be sent again
 */
export async function runSendAgain(id: number, options: DeliveriesOptions): Promise<number> {
  const answer = await sendAgain(chooseAccess(options, loadEnvironment()), id);
  print(
    options,
    answer,
    () => `Delivery ${id} is sent again now: "orca deliveries show ${id}" says how it goes\n`,
  );
  return 0;
}

/**
 * `orca deliveries send-all`: has all of a host sent again that it has not taken, or counts them.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be done
 */
export async function runSendAll(host: string, options: SendAllOptions): Promise<number> {
  const sent = await sendAllAgain(chooseAccess(options, loadEnvironment()), host, options);
  const { matched, isComplete } = sent;
  const json = { matched, sent_again: options.dryRun ? 0 : matched, is_complete: isComplete };
  print(options, json, () => describeSent(sent, host, options));
  return 0;
}

function describeSent({ matched, isComplete }: SentAll, host: string, { dryRun }: SendAllOptions): string {
  const many = `${isComplete ? '' : 'the first '}${matched} ${matched === 1 ? 'delivery' : 'deliveries'}`;
  if (matched === 0) return `Nothing is to be sent again: ${host} has taken all, or it is pending\n`;
  if (dryRun) return `Would send ${many} to ${host} again; without --dry-run it does\n`;
  const rest = isComplete ? '' : '. There are more: run the same command again';
  return `Sending ${many} to ${host} again${rest}\n`;
}

function print({ json }: DeliveriesOptions, value: unknown, render: (paint: Paint) => string): void {
  const paint = createPaint(wantsColours(process.stdout, loadEnvironment()));
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : render(paint));
}
