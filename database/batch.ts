import type pg from 'pg';
import type { SqlStatement } from './sql-blocks.ts';

/** What a statement of a batch may be given: what there is one way to write. */
export type BatchParameter = string | number | boolean | Buffer | null;

/** A statement and its parameters. */
export type BoundStatement = { statement: SqlStatement; parameters: readonly BatchParameter[] };

type Row = Record<string, unknown>;
type Field = { name: string; dataTypeID: number };

/**
 * Sends statements in one round trip. Until the message that ends them, PostgreSQL takes all of them for one transaction, so
 * there is one commit, and after an error none of them counts.
 *
 * @returns the rows of each
 * @throws what the driver says of the first that failed, or of a value that cannot be read
 * @see {@link https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING}
 */
export function sendBatch(
  client: pg.ClientBase,
  statements: readonly BoundStatement[],
  types: pg.CustomTypesConfig,
): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    const answers = collectAnswers(statements.length, types);
    const query = {
      /** node-postgres puts its own around it, which ends its timer. */
      callback: (error: Error | null) => (error === null ? resolve(answers.rows()) : reject(error)),
      /** Of the statement whose answers are coming in: under this name node-postgres notes that it is prepared. */
      get name() {
        return statements[answers.complete]?.statement.name;
      },
      get text() {
        return statements[answers.complete]?.statement.text;
      },
      submit: (connection: pg.Connection) => submit(connection, statements),
      handleRowDescription: answers.describe,
      handleDataRow: answers.addRow,
      handleCommandComplete: answers.completeOne,
      handleReadyForQuery: () => query.callback(answers.unreadable),
      handleError: (error: Error) => query.callback(error),
    };
    client.query(query);
  });
}

function submit(connection: pg.Connection, statements: readonly BoundStatement[]): void {
  const known = preparedOn(connection);
  const parsed = new Set<string>();
  connection.stream.cork();
  for (const { statement, parameters } of statements) {
    const { name, text } = statement;
    if (!Object.hasOwn(known, name) && !parsed.has(name)) connection.parse({ name, text, types: [] }, true);
    parsed.add(name);
    connection.bind({ statement: name, values: parameters.map(written) }, true);
    connection.describe({ type: 'P', name: '' }, true);
    connection.execute(null, true);
  }
  connection.sync();
  connection.stream.uncork();
}

/** The statements that the driver knows to be prepared, by their names. */
function preparedOn(connection: pg.Connection): object {
  if ('parsedStatements' in connection && typeof connection.parsedStatements === 'object')
    return connection.parsedStatements ?? {};
  throw new TypeError('Cannot run a batch: this node-postgres does not tell which statements are prepared');
}

function written(value: BatchParameter): string | Buffer | null {
  return value === null || Buffer.isBuffer(value) ? value : String(value);
}

/** Takes in the rows of one statement after the other. */
function collectAnswers(count: number, types: pg.CustomTypesConfig) {
  const rows: Row[][] = Array.from({ length: count }, () => []);
  let fields: readonly Field[] = [];
  let complete = 0;
  let unreadable: Error | null = null;
  const read = ({ name, dataTypeID }: Field, value: string | null): [string, unknown] => [
    name,
    value === null ? null : types.getTypeParser(dataTypeID, 'text')(value),
  ];
  return {
    /** How many statements have been answered. */
    get complete() {
      return complete;
    },
    /** The statements behind it are answered all the same. */
    get unreadable() {
      return unreadable;
    },
    rows: () => rows,
    describe(message: { fields: readonly Field[] }): void {
      fields = message.fields;
    },
    addRow({ fields: values }: { fields: readonly (string | null)[] }): void {
      try {
        rows[complete]?.push(
          Object.fromEntries(fields.map((field, index) => read(field, values[index] ?? null))),
        );
      } catch (error) {
        unreadable ??= error instanceof Error ? error : new TypeError('Cannot read a row', { cause: error });
      }
    },
    completeOne(): void {
      complete += 1;
    },
  };
}
