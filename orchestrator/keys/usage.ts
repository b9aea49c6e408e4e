/** What `keys` can be asked to do, as the help has it. */
export type KeysTopic = 'keys' | 'create' | 'list' | 'revoke' | 'import' | 'secrets';

const STATUS = `Status: 0 done; 1 refused, or the database is away, with a sentence; 2 the command line is wrong.
`;

/** The help of each command; `keys` is that of all together. */
export const KEYS_USAGE = {
  keys: `Usage: keys <command> [options]

API keys of course sites, and the secrets that POSTs to them are signed with.

  create            makes a key, and shows it this once
  list              all keys: for whom, since when, last used, in which state
  revoke <id>       ends a key; servers refuse it within 5 s
  import            takes over the keys of the old system
  secrets list      which hosts have signing secrets
  secrets rotate <host>
                    gives a host a new signing secret, and shows it this once

Called as "npm run keys -- <command>" in orchestrator/, or as "./orca keys <command>".
Each command explains itself with --help, and prints JSON with --json.

POSTGRES_URL (a variable, or a line of .env in the working folder) names the database.

${STATUS}
Examples:
  keys create --host course.example.edu
  keys list
  keys revoke 3
`,
  create: `Usage: keys create --host <hostname> [--host <hostname>…] [options]

Makes an API key, and a signing secret for each host that has none. Both are shown this once.

  --host <hostname>   a course site: the hostname of its response_urls, without scheme and port; may be repeated
  --role <role>       client (default): the jobs of its hosts, their results and deliveries
                      staff: also workers, images, and sending deliveries again
                      admin: everything for all hosts; needs no --host
  --expires <when>    a day (its beginning in UTC), a time with its zone, or a length of time: 90d, 12h, 2w;
                      without it the key never expires
  --note <text>       for you, shown in the list; at most 200 characters
  --json              {"id","key","role","hostnames","note","expires_at","signing_secrets":[{"client","secret"}]}

${STATUS}
Examples:
  keys create --host course.example.edu --note "autumn 2026"
  keys create --host course.example.edu --host course-test.example.edu --expires 2027-01-31
  keys create --role admin --expires 90d --json
`,
  list: `Usage: keys list [--json]

Lists all keys that were ever made, without the keys themselves: Orca does not have them.

  --json   {"keys":[{"id","role","hostnames","note","state","created_at","expires_at","revoked_at","last_used_at"}]}

${STATUS}
Examples:
  keys list
  keys list --json
`,
  revoke: `Usage: keys revoke <id> [--json]

Ends a key for good; "keys list" shows the ids. Servers refuse it within 5 s. Once more changes nothing.

  --json   {"id","was_revoked_at"}: null unless it was revoked before

${STATUS}
Examples:
  keys revoke 3
`,
  import: `Usage: keys import [--table <schema.table>] [--dry-run] [--json]

Takes over the old system's table of keys, so that course sites can keep theirs: the role is client, each key is for the
hostnames beside it. Nothing is changed in the old table, and no key is printed. Once more takes only what is new.

  --table <schema.table>   default: ApiKey, in the schema that "schema=" in POSTGRES_URL names, else in public;
                           columns value (or key) and hostname (or host); names count letter by letter
  --dry-run                only says what would be taken
  --json                   {"table","dry_run","created":[…],"widened":[…],"kept":[…],"skipped":[{"hostnames","reason"}]}

${STATUS}
Examples:
  keys import --dry-run
  keys import
  keys import --table 'legacy.ApiKey'
`,
  secrets: `Usage: keys secrets list [--json]
       keys secrets rotate <host> [--overlap <time>] [--json]

Signing secrets: what a course site checks the POSTs of Orca with (docs/guides/verify-signatures.md).
"rotate" makes a new one and shows it this once. POSTs are signed with the former ones too until the overlap ends, so
that the site can be changed meanwhile.

  --overlap <time>   how long: 24h (default), 30m, 7d, at most 90d; 0 when a secret has become known
  --json             list: {"secrets":[{"id","client","created_at","signs_until"}]}
                     rotate: {"client","secret","former_until":[…]}

${STATUS}
Examples:
  keys secrets list
  keys secrets rotate course.example.edu
  keys secrets rotate course.example.edu --overlap 0
`,
} as const satisfies Record<KeysTopic, string>;
