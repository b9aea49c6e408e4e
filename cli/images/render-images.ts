import { baseImageSha, plainLine, plainText } from '@orca/protocol';
import type { Paint, Style } from '../paint.ts';
import { type Column, renderTable } from '../render-table.ts';
import type { BuildEntry, ImageDetails, ImageEntry } from './images-api.ts';
import { elapsed, NOTHING, showAge, showBytes, showDuration } from './show-amounts.ts';

const IMAGE_COLUMNS: readonly Column[] = [
  { title: 'image', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'archive', align: 'right' },
  { title: 'last use', align: 'right' },
  { title: 'held jobs', align: 'right' },
  { title: 'asked by', align: 'left' },
];
const BUILD_COLUMNS: readonly Column[] = [
  { title: 'build', align: 'right' },
  { title: 'begun', align: 'right' },
  { title: 'outcome', align: 'left' },
  { title: 'took', align: 'right' },
  { title: 'building', align: 'right' },
  { title: 'check', align: 'right' },
  { title: 'saving', align: 'right' },
  { title: 'log', align: 'right' },
  { title: 'builder', align: 'left' },
];
const NONE_YET = 'No other image has been asked for yet: "orca images build <Dockerfile>" does';
const SHA_SHOWN = 12;
const REASON_CHARACTERS_MAX = 500;
const ASKED_BY_CHARACTERS_MAX = 60;

/** The beginning of a SHA-256, enough for people and for `orca images show`. */
export function shortSha(sha: string): string {
  return sha.slice(0, SHA_SHOWN);
}

/** A table of images; a failed one has its reason in a line of its own. */
export function renderImages(
  { images, total }: { readonly images: readonly ImageEntry[]; readonly total: number },
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  const rows = images.map((image) => [
    shortSha(image.sha),
    plainLine(image.state, SHA_SHOWN),
    showBytes(image.image_bytes),
    showBytes(image.archive_bytes),
    showAge(image.last_used_at, now),
    String(image.held_jobs),
    plainLine(image.asked_by.join(', '), ASKED_BY_CHARACTERS_MAX) ||
      (isBase(image) ? 'nobody: the base image' : NOTHING),
  ]);
  const [titles = '', ...lines] = renderTable(IMAGE_COLUMNS, rows).trimEnd().split('\n');
  const shown = lines.flatMap((line, index) => withReason(line, images[index]?.failure ?? null, paint));
  const hint = images.every(isBase) ? [paint('dim', NONE_YET)] : [];
  const rest = total > images.length ? [paint('dim', `… and ${total - images.length} older ones`)] : [];
  return `${[paint('bold', titles), ...shown, ...rest, ...hint].join('\n')}\n`;
}

/** One image with the story of its builds and its Dockerfile. */
export function renderImage(
  image: ImageDetails,
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  const facts = [
    ['image', image.sha],
    ['state', paint(styleOf(image.state), plainLine(image.state, SHA_SHOWN))],
    ...(image.failure === null ? [] : [['reason', plainLine(image.failure, REASON_CHARACTERS_MAX)] as const]),
    ['size', image.image_bytes === null ? NOTHING : showSizes(image)],
    ['asked for', showAge(image.requested_at, now)],
    ['ready', showAge(image.ready_at, now)],
    ['last use', showAge(image.last_used_at, now)],
    ['held jobs', String(image.held_jobs)],
    ['asked by', plainLine(image.asked_by.join(', '), REASON_CHARACTERS_MAX) || NOTHING],
  ] as const;
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${paint('dim', name.padEnd(width))}  ${value}`);
  const dockerfile = plainText(image.dockerfile_contents).trimEnd().split('\n');
  return `${[
    ...lines,
    '',
    ...renderBuilds(image.build_history, { paint, now }),
    '',
    paint('bold', 'Dockerfile'),
    ...dockerfile.map((line) => `  ${line}`),
  ].join('\n')}\n`;
}

/** In an engine, and on the disk. */
export function showSizes({ image_bytes, archive_bytes }: ImageEntry): string {
  return `${showBytes(image_bytes)}, saved as ${showBytes(archive_bytes)}`;
}

function renderBuilds(
  builds: readonly BuildEntry[],
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string[] {
  if (builds.length === 0) return ['No build has been begun yet'];
  const rows = builds.map((build) => [
    String(build.number),
    showAge(build.started_at, now),
    plainLine(build.outcome ?? 'under way', SHA_SHOWN),
    showDuration(elapsed(build.started_at, build.ended_at ?? new Date(now).toISOString())),
    showDuration(build.build_ms),
    showDuration(build.check_ms),
    showDuration(build.save_ms),
    showBytes(build.log_bytes),
    plainLine(build.builder, ASKED_BY_CHARACTERS_MAX),
  ]);
  const [titles = '', ...lines] = renderTable(BUILD_COLUMNS, rows).trimEnd().split('\n');
  const shown = lines.flatMap((line, index) => {
    const build = builds[index];
    const step = build?.outcome === 'ready' ? null : (build?.step ?? null);
    return withReason(line, build?.reason ?? (step === null ? null : `at ${step}`), paint);
  });
  return [paint('bold', titles), ...shown];
}

/** The base image itself, which is always there and never built. */
function isBase({ sha }: ImageEntry): boolean {
  return sha === baseImageSha();
}

function withReason(line: string, reason: string | null, paint: Paint): string[] {
  return reason === null ? [line] : [line, `  ${paint('red', plainLine(reason, REASON_CHARACTERS_MAX))}`];
}

function styleOf(state: string): Style {
  if (state === 'ready') return 'green';
  return state === 'failed' ? 'red' : 'yellow';
}
