import type pg from 'pg';
import type { SqlStatement } from '../sql-blocks.ts';

/** What a statement did, as PostgreSQL tells it. */
export type Explained = {
  /** Pages that it touched, in memory or not. */
  pages: number;
  /** Tables that it read from one end to the other. */
  scanned: string[];
  rows: number;
  ms: number;
};

type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Actual Rows': number;
  Plans?: PlanNode[];
};

/**
 * Runs a statement and tells what it cost; what it wrote is rolled back.
 *
 * @param plan `generic`: the one that a prepared statement settles on; `custom`: the one for these parameters
 */
export async function explain(
  client: pg.Client,
  { name, text }: SqlStatement,
  parameters: readonly unknown[],
  plan: 'generic' | 'custom',
): Promise<Explained> {
  const literals = parameters.map((parameter) => literalOf(client, parameter)).join(', ');
  const call = literals === '' ? name : `${name} (${literals})`;
  await client.query(`set plan_cache_mode = force_${plan}_plan`);
  await client.query('begin');
  try {
    await client.query(`prepare ${name} as ${text}`);
    // Once before, so that what is only read the first time is not counted.
    await client.query(`savepoint fresh`);
    await client.query(`execute ${call}`);
    await client.query(`rollback to fresh`);
    const { rows } = await client.query(`explain (analyze, buffers, format json) execute ${call}`);
    const [explained] = rows[0]['QUERY PLAN'];
    return describe(explained.Plan, explained['Execution Time']);
  } finally {
    await client.query('rollback');
    await client.query('deallocate all');
  }
}

function describe(root: PlanNode, ms: number): Explained {
  const nodes = allNodes(root);
  const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
  return {
    pages: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    scanned: scans.map((node) => node['Relation Name'] ?? ''),
    rows: root['Actual Rows'],
    ms,
  };
}

function allNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(allNodes)];
}

/** EXECUTE takes no parameters of its own. Strings without a type become what the statement wants. */
function literalOf(client: pg.Client, value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return client.escapeLiteral(`{${value.map(itemOf).join(',')}}`);
  return client.escapeLiteral(String(value));
}

function itemOf(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
