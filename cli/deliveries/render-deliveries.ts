import { plainLine, plainText } from '@orca/protocol';
import { NOTHING, showAge, showDuration } from '../images/show-amounts.ts';
import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import type { Paint, Style } from '../paint.ts';
import { type Column, renderTable } from '../render-table.ts';
import type { DeliveryPage } from './deliveries-api.ts';

const COLUMNS: readonly Column[] = [
  { title: 'delivery', align: 'right' },
  { title: 'of', align: 'left' },
  { title: 'host', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'made', align: 'right' },
  { title: 'tries', align: 'right' },
  { title: 'last try', align: 'right' },
  { title: 'answer', align: 'left' },
];
const HOST_CHARACTERS_MAX = 40;
const WORD_CHARACTERS_MAX = 20;
const SHA_SHOWN = 12;
const ANSWER_CHARACTERS_MAX = 60;
const REASON_CHARACTERS_MAX = 500;
const STYLES: ReadonlyMap<string, Style> = new Map([
  ['delivered', 'green'],
  ['refused', 'red'],
  ['given_up', 'red'],
]);

/** How deliveries are shown. */
interface Shown {
  readonly paint: Paint;
  readonly now: number;
}

/** A page of deliveries as a table. Answers of the API; their texts are untrusted. */
export function renderDeliveries(
  { deliveries, hasMore }: DeliveryPage,
  { paint, offset, now }: Shown & { readonly offset: number },
): string {
  if (deliveries.length === 0) return `There is no ${offset === 0 ? 'such' : 'older'} delivery\n`;
  const rows = deliveries.map((delivery) => [
    String(numberOf(delivery, 'id') ?? ''),
    describeContent(delivery),
    plainLine(textOf(delivery, 'client') ?? '', HOST_CHARACTERS_MAX),
    describeState(delivery),
    showAge(textOf(delivery, 'created_at'), now),
    String(numberOf(delivery, 'attempts') ?? ''),
    showAge(textOf(fieldOf(delivery, 'last_try'), 'at'), now),
    plainLine(describeAnswer(fieldOf(delivery, 'last_try')), ANSWER_CHARACTERS_MAX),
  ]);
  const [titles = '', ...lines] = renderTable(COLUMNS, rows).trimEnd().split('\n');
  const rest = hasMore ? [paint('dim', `… and older ones: --offset ${offset + deliveries.length}`)] : [];
  return `${[paint('bold', titles), ...lines, ...rest].join('\n')}\n`;
}

/** One delivery with each of its tries. */
export function renderDelivery(delivery: unknown, { paint, now }: Shown): string {
  const state = describeState(delivery);
  const facts = [
    ['delivery', String(numberOf(delivery, 'id') ?? '')],
    ['of', describeContent(delivery)],
    ['host', plainLine(textOf(delivery, 'client') ?? '', REASON_CHARACTERS_MAX)],
    ['webhook-id', plainLine(textOf(delivery, 'webhook_id') ?? '', REASON_CHARACTERS_MAX)],
    ['state', paint(STYLES.get(state) ?? 'yellow', state)],
    ['made', showAge(textOf(delivery, 'created_at'), now)],
    ['ended', showAge(textOf(delivery, 'ended_at'), now)],
    ['next try', describeNextTry(delivery, now)],
    ['sent again', `${numberOf(delivery, 'sent_again') ?? 0} times`],
  ] as const;
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${paint('dim', name.padEnd(width))}  ${value}`);
  const tries = listOf(delivery, 'tries').map((one) => renderTry(one, { paint, now }));
  return `${[...lines, '', ...(tries.length === 0 ? ['No try has ended yet'] : tries)].join('\n')}\n`;
}

/** A line for how it went, then what was answered. */
function renderTry(one: unknown, { paint, now }: Shown): string {
  const outcome = plainLine(textOf(one, 'outcome') ?? '', WORD_CHARACTERS_MAX);
  const parts = [
    `${plainLine(textOf(one, 'ended_at') ?? '', WORD_CHARACTERS_MAX + SHA_SHOWN)} (${showAge(textOf(one, 'ended_at'), now)})`,
    paint(STYLES.get(outcome) ?? 'yellow', outcome),
    plainLine(describeAnswer(one), REASON_CHARACTERS_MAX),
    `after ${showDuration(numberOf(one, 'duration_ms'))}`,
  ];
  const title = `Try ${numberOf(one, 'attempt') ?? ''} of round ${numberOf(one, 'round') ?? ''}`;
  const answer = plainText(textOf(one, 'answer_start') ?? '').trimEnd();
  const said = answer === '' ? [] : answer.split('\n').map((line) => `  ${line}`);
  return [`${paint('bold', title)}  ${parts.join(', ')}`, ...said].join('\n');
}

function describeContent(delivery: unknown): string {
  const job = numberOf(delivery, 'job_id');
  const sha = plainLine(textOf(delivery, 'image_sha') ?? '', SHA_SHOWN);
  const location = plainLine(textOf(delivery, 'location') ?? '', WORD_CHARACTERS_MAX);
  switch (textOf(delivery, 'kind')) {
    case 'image':
      return `image ${sha}`;
    case 'status':
      return `job ${job}: ${location}`;
    default:
      return `job ${job}, generation ${numberOf(delivery, 'generation')}`;
  }
}

function describeState(delivery: unknown): string {
  if (fieldOf(delivery, 'is_under_way') === true) return 'under way';
  return plainLine(textOf(delivery, 'state') ?? '', WORD_CHARACTERS_MAX);
}

/** The status that was answered, else why there was none. */
function describeAnswer(one: unknown): string {
  const status = numberOf(one, 'status_code');
  const error = textOf(one, 'error');
  if (status === null) return error ?? NOTHING;
  return error === null ? String(status) : `${status}: ${error}`;
}

function describeNextTry(delivery: unknown, now: number): string {
  const at = Date.parse(textOf(delivery, 'next_try_at') ?? '');
  if (Number.isNaN(at)) return NOTHING;
  return at <= now ? 'now' : `in ${showDuration(at - now)}`;
}
