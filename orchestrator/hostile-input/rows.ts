import { makeJob } from '../testing/make-job.ts';

/** One hostile `PUT /grading_queue`; `id` is that of a row of the design's table of hostile input. */
export type HostileRow = {
  id: string;
  what: string;
  /** The body as it is sent. */
  body: string | Uint8Array<ArrayBuffer>;
  status: number;
  code: string;
  /** What the sentences say. */
  says: RegExp;
};

const MIB = 1024 * 1024;
const good = makeJob();
const text = JSON.stringify(good);

/** A job with some fields replaced; `undefined` takes one out. */
const job = (fields: Record<string, unknown>): string => JSON.stringify({ ...good, ...fields });
/** A job with one value put in as the raw text of JSON. */
const raw = (field: string, json: string): string => job({ [field]: '@@' }).replace('"@@"', json);
const script = (...commands: unknown[]): string => job({ script: commands });
const bad = (id: string, what: string, body: string, says: RegExp): HostileRow => ({
  ...{ id, what, body, says },
  status: 400,
  code: 'invalid_job',
});
const noJson = (id: string, what: string, body: HostileRow['body'], says: RegExp): HostileRow => ({
  ...{ id, what, body, says },
  status: 400,
  code: 'invalid_json',
});

/** A script that nests so deep; built as text, since recursion would overflow here too. */
const nested = (levels: number): string =>
  raw('script', `${'[{"cmd":"a","on_fail":'.repeat(levels)}[{"cmd":"a"}]${'}]'.repeat(levels)}`);

const MISSING: HostileRow[] = Object.keys(good).map((field) =>
  bad('A19', `no ${field}`, job({ [field]: undefined }), new RegExp(`^${field}: `, 'm')),
);
const NULLED: HostileRow[] = Object.keys(good).map((field) =>
  bad('A19', `${field} is null`, job({ [field]: null }), new RegExp(`^${field}: .*null`, 'm')),
);

/** Long, and nearly what a pattern wants, until its end. */
const ALMOST = `${'a'.repeat(50_000)}!`;
const goodFile = good.files['submission'];
/** One field after the other is that text. */
const ALMOST_ROWS: HostileRow[] = Object.entries({
  key: job({ key: ALMOST }),
  'collation.type': job({ collation: { type: ALMOST, id: 'x' } }),
  'collation.id': job({ collation: { type: 'user', id: ALMOST } }),
  metadata_table: job({ metadata_table: { [ALMOST]: 'x' } }),
  'metadata_table.a': job({ metadata_table: { a: ALMOST } }),
  files: job({ files: { [ALMOST]: goodFile } }),
  'files.a.url': job({ files: { a: { ...goodFile, url: `http://${ALMOST}` } } }),
  'files.a.mime_type': job({ files: { a: { ...goodFile, mime_type: ALMOST } } }),
  response_url: job({ response_url: `http://${ALMOST}` }),
  grader_image_sha: job({ grader_image_sha: ALMOST }),
  'script[0].cmd': script({ cmd: ALMOST }),
  'script[0].label': script({ cmd: 'a', label: ALMOST }),
  'script[0].working_dir': script({ cmd: 'a', working_dir: ALMOST }),
  'script[0].on_complete': script({ cmd: 'a', on_complete: ALMOST }),
}).map(([path, body]) =>
  bad('A29', `50,000 characters for ${path}`, body, new RegExp(`^${RegExp.escape(path)}`, 'm')),
);

/** Names of files, which become names of folders. */
const FILE_NAMES = ['..', '.', '/abs', 'a/b', 'a\\b', '', '-rf', 'x'.repeat(65), 'a\u0000', 'ä'];

/** Rows of the API's inputs. */
export const API_ROWS: readonly HostileRow[] = [
  {
    id: 'A05',
    what: 'a body past 1 MiB',
    body: `${text}${' '.repeat(MIB)}`,
    status: 413,
    code: 'body_too_large',
    says: /1 MiB/,
  },
  noJson('A09', 'lists 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), /deeper than 64/),
  noJson('A09', 'objects 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /deeper than 64/),
  noJson('A10', 'a script 2,000 deep', nested(2_000), /deeper than 64/),
  bad('A10', 'a script 17 deep', nested(17), /script.*deeper than 16/),
  noJson('A11', '__proto__ at the top', text.replace('{', '{"__proto__":{"admin":true},'), /__proto__/),
  noJson('A11', '__proto__ in files', raw('files', '{"__proto__":{}}'), /files.*__proto__/),
  noJson(
    'A11',
    '__proto__ in metadata_table',
    raw('metadata_table', '{"__proto__":"x"}'),
    /metadata_table.*__proto__/,
  ),
  bad('A11', 'constructor in files', raw('files', '{"constructor":{"prototype":{}}}'), /files\.constructor/),
  bad('A13', 'a number past all', raw('priority', '1e400'), /^priority: .*too large a number/),
  bad('A13', 'a number as text', job({ priority: '60' }), /^priority: .*the string "60"/),
  bad('A13', 'true for a number', job({ priority: true }), /^priority: .*true/),
  bad('A13', 'a fractional index', script({ cmd: 'a', on_complete: 0.5 }), /^script\[0\]\.on_complete: /),
  bad('A14', 'a delay of a week and a second', job({ priority: 604_801 }), /^priority: .*604800/),
  bad('A14', 'a delay of 10⁹ s', job({ priority: 1e9 }), /^priority: .*604800/),
  bad('A16', 'NUL in the key', job({ key: 'a\u0000b' }), /^key: .*NUL/),
  bad(
    'A16',
    'NUL in a submitter',
    job({ collation: { type: 'user', id: '\u0000' } }),
    /^collation\.id: .*NUL/,
  ),
  bad('A16', 'NUL in a value', job({ metadata_table: { a: '\u0000' } }), /^metadata_table\.a: .*NUL/),
  bad('A16', 'NUL in a name', job({ metadata_table: { 'a\u0000': 'b' } }), /^metadata_table.*NUL/),
  bad('A16', 'a lone surrogate in the key', raw('key', '"a\\ud800"'), /^key: .*(surrogate|Unicode)/),
  bad(
    'A16',
    'a lone surrogate in a value',
    raw('metadata_table', '{"a":"\\udc00"}'),
    /^metadata_table\.a: .*(surrogate|Unicode)/,
  ),
  bad('A16', 'a key of 1,025 bytes', job({ key: 'k'.repeat(1_025) }), /^key: .*1024/),
  bad('A18', 'an unknown member', job({ responce_url: 'x' }), /responce_url.*response_url/),
  bad(
    'A18',
    'an unknown member of a command',
    script({ cmd: 'a', time_out: 1 }),
    /script\[0\].*time_out.*timeout/,
  ),
  bad(
    'A18',
    'an unknown member of a file',
    job({ files: { a: { ...good.files['submission'], urll: '' } } }),
    /files\.a.*urll.*url/,
  ),
  ...MISSING,
  ...NULLED,
  ...ALMOST_ROWS,
  ...FILE_NAMES.map((name) =>
    bad(
      'B16',
      `a file called ${JSON.stringify(name.slice(0, 10))}`,
      job({ files: { [name]: goodFile } }),
      /^files/,
    ),
  ),
  ...['', 'a', '../../etc/passwd', 'ABC', 'A'.repeat(64)].map((sha) =>
    bad('A21', `the image "${sha.slice(0, 20)}"`, job({ grader_image_sha: sha }), /^grader_image_sha: /),
  ),
  {
    id: 'A21',
    what: 'an image that nobody built',
    body: job({ grader_image_sha: 'a'.repeat(64) }),
    status: 400,
    code: 'unknown_image',
    says: /^grader_image_sha: no image/,
  },
  ...['file:///etc/passwd', 'javascript:alert(1)', 'http://a:b@c/', 'x', 'http://'].map((url) =>
    bad('A24', `response_url ${url}`, job({ response_url: url }), /^response_url: must be an http/),
  ),
  noJson('–', 'a text that is no UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), /UTF-8/),
  noJson('–', 'a body that ends in the middle', text.slice(0, 100), /no JSON/),
  noJson('–', 'NaN', raw('priority', 'NaN'), /no JSON/),
];

/** Rows of grading scripts. */
export const SCRIPT_ROWS: readonly HostileRow[] = [
  bad('C01', 'a loop of one', script({ cmd: 'a', label: 'x', on_complete: 'x' }), /script\[0\]/),
  bad(
    'C01',
    'a loop of two',
    script({ cmd: 'a', on_complete: 'next' }, { cmd: 'b', on_complete: 0 }),
    /script\[\d\].*cycle/,
  ),
  bad(
    'C01',
    'a loop on failure only',
    script({ cmd: 'a' }, { cmd: 'b', label: 'b', on_fail: 0 }),
    /script\[\d\]/,
  ),
  bad(
    'C02',
    'an unknown label',
    script({ cmd: 'a', label: 'test' }, { cmd: 'b', on_fail: 'tets' }),
    /^script\[1\]\.on_fail: .*"tets".*"test"/,
  ),
  ...[-1, 1, 1.5, true].map((index) =>
    bad('C02', `the index ${index}`, script({ cmd: 'a', on_complete: index }), /^script\[0\]\.on_complete: /),
  ),
  bad('C02', 'an index as text', script({ cmd: 'a', on_complete: '0' }), /^script\[0\]\.on_complete: .*"0"/),
  bad('C04', 'an empty script', job({ script: [] }), /^script: .*1 to 256 commands, is empty/),
  bad(
    'C06',
    '5,000 commands',
    script(...Array.from({ length: 5_000 }, () => ({ cmd: 'a' }))),
    /^script: .*256/,
  ),
  bad('C07', 'an empty command line', script({ cmd: '' }), /^script\[0\]\.cmd: /),
  bad('C07', 'an empty list', script({ cmd: [] }), /^script\[0\]\.cmd: /),
  bad('C07', 'NUL in a command', script({ cmd: 'a\u0000' }), /^script\[0\]\.cmd: .*NUL/),
  bad('C07', 'NUL in an argument', script({ cmd: ['a', '\u0000'] }), /^script\[0\]\.cmd\[1\]: .*NUL/),
  bad('C07', 'a command of 33 KiB', script({ cmd: 'a'.repeat(33 * 1024) }), /^script\[0\]\.cmd: .*32768/),
  bad('C08', 'a timeout of 0', script({ cmd: 'a', timeout: 0 }), /^script\[0\]\.timeout: /),
  bad('C08', 'a timeout below 0', script({ cmd: 'a', timeout: -1 }), /^script\[0\]\.timeout: /),
  bad('C08', 'a timeout as text', script({ cmd: 'a', timeout: '60' }), /^script\[0\]\.timeout: /),
  bad(
    'C10',
    'a condition on a path of 1 MB',
    script({ condition: { predicate: 'file', path: '/a'.repeat(400_000) } }),
    /path: .*4096/,
  ),
];
