import { writeFile } from 'node:fs/promises';
import { startMeasuredOrca } from '../kit/scrape-metrics.ts';
import { METRICS_PAGE, renderMetricsPage } from './metrics-reference.ts';

// `npm run docs:metrics`, after a change of what any process measures.
await using measured = await startMeasuredOrca();
await writeFile(METRICS_PAGE, await renderMetricsPage(measured));
