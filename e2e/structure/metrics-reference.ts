import { fileURLToPath } from 'node:url';
import { type MeasuredOrca, metricsIn, scrape } from '../kit/scrape-metrics.ts';

/** Where the page of metrics stands. */
export const METRICS_PAGE = fileURLToPath(new URL('../../docs/reference/metrics.md', import.meta.url));

const HEAD = `# Metrics

Each process serves its own at \`/metrics\` on \`ORCA_METRICS_PORT\` (beside \`/healthz\` and \`/readyz\`), with those of Node
(\`process_\`, \`nodejs_\`; \`nodejs_eventloop_lag_\` is looked at every 0.1 s, which stand in its figures). Histograms are
in seconds. Rules for alerts and a dashboard stand in \`deploy/\`. Generated from what running processes say:
\`npm run docs:metrics\`.
`;

/** The page, made from what the processes serve. */
export async function renderMetricsPage({ processes }: MeasuredOrca): Promise<string> {
  const sections: string[] = [HEAD];
  for (const [name, process] of Object.entries(processes)) {
    sections.push(`## The ${name}\n`, '| metric | kind | tells |', '| --- | --- | --- |');
    for (const { name: metric, kind, help } of metricsIn(await scrape(process)))
      sections.push(`| \`${metric}\` | ${kind} | ${help.replaceAll('|', '\\|')} |`);
    sections.push('');
  }
  return sections.join('\n');
}

/** The same without what a formatter changes: white space, and the lines of tables. */
export function withoutLayout(page: string): string {
  return page.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ').trim();
}
