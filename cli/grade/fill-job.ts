import { baseImageSha, type GradingJobConfig, parseGradingJob } from '@orca/protocol';

/** A job of one's own, with everything that a server's needs; or every problem as a sentence. */
export type FilledJob =
  | { readonly kind: 'filled'; readonly job: GradingJobConfig; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly errors: readonly string[] };

/** Never asked for anything: a job at home has no client. */
const NOWHERE = 'http://localhost/';

/** The mime types that are unpacked, by how a file's name ends; the first that fits counts. */
const MIME_TYPES = [
  ['.tar.gz', 'application/x-gtar'],
  ['.tgz', 'application/x-gtar'],
  ['.zip', 'application/zip'],
  ['.tar', 'application/x-tar'],
  ['.gz', 'application/gzip'],
  ['.7z', 'application/x-7z-compressed'],
] as const;
const OTHER_MIME_TYPE = 'application/octet-stream';

/**
 * Makes a whole job of what somebody wrote for a try at home: pure. A list is a script alone. What is left out is filled
 * in (`key`, `collation`, `metadata_table`, `files`, `priority`, `response_url`, `grader_image_sha`; a file's `mime_type` by
 * its name, its `should_replace_paths`), `file:` URLs become absolute. Then it is checked as the API does.
 *
 * @param baseUrl the folder that `file:name` is looked for in, as a `file:` URL with a slash at its end
 */
export function fillJob(value: unknown, baseUrl: string): FilledJob {
  const written = Array.isArray(value) ? { script: value } : value;
  if (!isObject(written)) return refuse(parseGradingJob(written));
  const errors: string[] = [];
  const locals = new Map<string, string>();
  const files = fillFiles(written['files'] ?? {}, { baseUrl, locals, errors });
  const parsed = parseGradingJob({
    key: 'at home',
    collation: { type: 'user', id: 'home' },
    metadata_table: {},
    priority: 0,
    response_url: NOWHERE,
    grader_image_sha: baseImageSha(),
    ...written,
    files,
  });
  if (parsed.kind === 'invalid') return { kind: 'invalid', errors: [...errors, ...parsed.errors] };
  if (errors.length > 0) return { kind: 'invalid', errors };
  const job = {
    ...parsed.job,
    files: Object.fromEntries(
      Object.entries(parsed.job.files).map(([name, file]) => [
        name,
        { ...file, url: locals.get(name) ?? file.url },
      ]),
    ),
  };
  return { kind: 'filled', job, warnings: parsed.warnings };
}

function refuse(parsed: ReturnType<typeof parseGradingJob>): FilledJob {
  return { kind: 'invalid', errors: parsed.kind === 'invalid' ? parsed.errors : [] };
}

interface FileContext {
  readonly baseUrl: string;
  /** Gets the absolute `file:` URLs, by the file's name. */
  readonly locals: Map<string, string>;
  readonly errors: string[];
}

/** Puts a URL that the API knows in place of those that it does not, so that its checks can run over all the rest. */
function fillFiles(files: unknown, context: FileContext): unknown {
  if (!isObject(files)) return files;
  return Object.fromEntries(
    Object.entries(files).map(([name, file]) => [
      name,
      isObject(file) ? fillFile(name, file, context) : file,
    ]),
  );
}

function fillFile(name: string, file: Record<string, unknown>, context: FileContext): object {
  const { url } = file;
  const filled = { mime_type: mimeTypeOf(String(url)), should_replace_paths: false, ...file };
  if (typeof url !== 'string' || !/^file:/i.test(url)) return filled;
  const local = URL.parse(url, context.baseUrl);
  if (local === null || local.host !== '' || local.pathname.endsWith('/'))
    context.errors.push(
      `files.${name}.url: must name a file of this machine: "file:name" is beside the job, "file:///name" is absolute`,
    );
  else context.locals.set(name, local.href);
  return { ...filled, url: NOWHERE };
}

function mimeTypeOf(url: string): string {
  const path = (url.split(/[?#]/, 1)[0] ?? '').toLowerCase();
  return MIME_TYPES.find(([ending]) => path.endsWith(ending))?.[1] ?? OTHER_MIME_TYPE;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
