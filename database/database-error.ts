import pg from 'pg';

/** What a caller can tell apart, and react to. */
export type DatabaseErrorCode =
  /** PostgreSQL does not answer, or not now; nothing was stored. */
  | 'database_unreachable'
  /** The connection went away while a change was on its way: it is stored, or it is not. Do it again; it is harmless. */
  | 'outcome_unknown'
  /** The server is older than any that is supported. */
  | 'server_too_old'
  /** The schema was made by a newer Orca. */
  | 'schema_newer'
  /** The statement is wrong, or its data break a rule: a defect of ours. */
  | 'query_failed';

/** A failure of the database. Its message has no data in it, so that it may be logged. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  /** PostgreSQL's own code, `null` when the failure is not the server's. */
  readonly sqlState: string | null;

  constructor(
    code: DatabaseErrorCode,
    message: string,
    options: { cause?: unknown; sqlState?: string | null } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'DatabaseError';
    this.code = code;
    this.sqlState = options.sqlState ?? null;
  }
}

/** Whether an error says that the database is away for a while, its outcome known or not. */
export function isDatabaseAway(error: unknown): error is DatabaseError {
  return (
    error instanceof DatabaseError &&
    (error.code === 'database_unreachable' || error.code === 'outcome_unknown')
  );
}

/**
 * Classes and codes with which the server says "not now": connection trouble, resources used up, an operator's
 * shutdown or start, a statement or lock time-out, a standby.
 *
 * @see {@link https://www.postgresql.org/docs/18/errcodes-appendix.html}
 */
const NOT_NOW = /^(08|53|57|58|55P03$|25006$|3D000$|28)/;
/** The server ends the session: with a commit under way, whether that came first is not known. */
const SESSION_ENDED = /^57P0[1-5]$/;
/** A deadlock or a serialization failure: the same once more succeeds. */
const ONCE_MORE = /^(40001|40P01)$/;

/** Whether the transaction was rolled back for a reason that will be gone when it is tried again at once. */
export function isWorthRepeating(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState !== null && ONCE_MORE.test(error.sqlState);
}

/** PostgreSQL's code for a disk without room for another page; without room for its log it ends instead. */
const DISK_FULL = '53100';

/** Whether PostgreSQL's disk is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState === DISK_FULL;
}

/** PostgreSQL's code for a lock that was waited for too long. */
const LOCK_TIMEOUT = '55P03';

/** Whether something else has had a lock for too long: others may be changed all the same. */
export function isLockTimeout(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.sqlState === LOCK_TIMEOUT;
}

/** PostgreSQL's code for a statement that it has stopped. */
const CANCELLED = '57014';
const CANCELLED_SENTENCE = 'it took longer than it may, or somebody called it off';

/** PostgreSQL's code for what it cannot do: for an outdated plan, and for much else. */
const NOT_SUPPORTED = '0A000';
/** The function of PostgreSQL that finds a plan outdated, in all versions; its message is translated on some servers. */
const PLAN_CHECK = 'RevalidateCachedQuery';

function isOfOutdatedPlan(cause: unknown): boolean {
  return isFromServer(cause) && cause.code === NOT_SUPPORTED && cause.routine === PLAN_CHECK;
}

/**
 * Whether a statement was refused, and not run, because its columns have other types than when it was prepared: a migration has
 * changed them. On its connection it would be refused for ever; on another one it is prepared anew.
 */
export function hasOutdatedPlan(error: unknown): boolean {
  return error instanceof DatabaseError && isOfOutdatedPlan(error.cause);
}

/** Whether the server itself reported the error, so that the connection is in a known state. */
function isFromServer(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && typeof error.code === 'string';
}

/**
 * Whether the connection can be used again after an error: the server reported it, did not end the session, and would not
 * say the same for ever.
 */
export function leavesConnection(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true; // thrown by the caller, between two statements
  if (hasOutdatedPlan(error)) return false;
  return error.sqlState !== null && !SESSION_ENDED.test(error.sqlState);
}

/**
 * Turns what the driver throws into a {@link DatabaseError}.
 *
 * @param what names the statement, for the message
 * @param mayBeStored whether the statement may have taken effect when its connection is lost
 */
export function translateError(cause: unknown, what: string, mayBeStored: boolean): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const sqlState = isFromServer(cause) ? (cause.code ?? null) : null;
  if (sqlState === null || SESSION_ENDED.test(sqlState)) {
    return mayBeStored
      ? new DatabaseError(
          'outcome_unknown',
          `Cannot tell whether "${what}" is stored: the connection was lost`,
          {
            cause,
            sqlState,
          },
        )
      : new DatabaseError('database_unreachable', `Cannot run "${what}": PostgreSQL does not answer`, {
          cause,
          sqlState,
        });
  }
  if (NOT_NOW.test(sqlState) || isOfOutdatedPlan(cause)) {
    const said = sqlState === CANCELLED ? `${sqlState}: ${CANCELLED_SENTENCE}` : sqlState;
    return new DatabaseError('database_unreachable', `Cannot run "${what}": PostgreSQL says ${said}`, {
      cause,
      sqlState,
    });
  }
  return new DatabaseError('query_failed', `Cannot run "${what}": PostgreSQL refuses it with ${sqlState}`, {
    cause,
    sqlState,
  });
}
