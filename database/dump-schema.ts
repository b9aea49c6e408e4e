import type { Database } from './connect.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'dump-schema.sql');

/** What the dump begins with. */
const HEADING = `-- The schema that all migrations together make, for people. Made by: npm run write-schema -w database
`;

type ColumnRow = {
  table: string;
  column: string;
  type: string;
  isRequired: boolean;
  default: string | null;
  isIdentity: boolean;
  /** Where it is not what its type has. */
  storage: string | null;
  options: string;
};
type ConstraintRow = { table: string; name: string; definition: string };
type IndexRow = { table: string; definition: string };
type DefinitionRow = { definition: string };

/**
 * Writes the schema `orca` down as SQL, as PostgreSQL's catalogs tell it: what the migrations together have made.
 *
 * @returns the same text for the same schema, on the same major version of PostgreSQL
 */
export async function dumpSchema(db: Database): Promise<string> {
  return db.transaction(async (tx) => {
    await tx.query(sql('clear_search_path'));
    const types = await tx.query<DefinitionRow>(sql('list_types'));
    const columns = await tx.query<ColumnRow>(sql('list_columns'));
    const constraints = await tx.query<ConstraintRow>(sql('list_constraints'));
    const indexes = await tx.query<IndexRow>(sql('list_indexes'));
    const others: DefinitionRow[] = [];
    for (const name of ['list_views', 'list_functions', 'list_triggers'])
      others.push(...(await tx.query<DefinitionRow>(sql(name))));
    const definitions = others.map(({ definition }) => `${definition.trimEnd()}\n`);
    const typeLines = types.map(({ definition }) => `${definition}\n`).join('');
    return [HEADING, typeLines, ...describeTables(columns, constraints, indexes), ...definitions].join('\n');
  });
}

function describeTables(columns: ColumnRow[], constraints: ConstraintRow[], indexes: IndexRow[]): string[] {
  return [...Map.groupBy(columns, ({ table }) => table)].map(([table, rows]) => {
    const lines = [
      ...rows.map(describeColumn),
      ...constraints
        .filter((row) => row.table === table)
        .map(({ name, definition }) => `constraint ${name} ${definition}`),
    ];
    const options = rows[0]?.options ? ` with (${rows[0].options})` : '';
    const own = indexes.filter((row) => row.table === table).map(({ definition }) => `${definition};\n`);
    return `create table orca.${table} (\n  ${lines.join(',\n  ')}\n)${options};\n${own.join('')}`;
  });
}

function describeColumn(column: ColumnRow): string {
  return [
    `${column.column} ${column.type}`,
    ...(column.storage === null ? [] : [`storage ${column.storage}`]),
    ...(column.isIdentity ? ['generated always as identity'] : []),
    ...(column.default === null ? [] : [`default ${column.default}`]),
    ...(column.isRequired ? ['not null'] : []),
  ].join(' ');
}
