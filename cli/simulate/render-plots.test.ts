import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderChart } from './render-chart.ts';
import { renderSvg, showTime } from './render-svg.ts';

test('renderSvg() draws each line within its axes, under names that cannot break out', () => {
  const svg = renderSvg({
    title: 'a < b & c',
    lines: [
      { name: 'waiting', values: [0, 10, 4] },
      { name: 'graded', values: [2, 2, 2] },
    ],
    stepSeconds: 60,
  });
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"') && svg.endsWith('</svg>\n'));
  assert.ok(svg.includes('a &lt; b &amp; c'));
  const lines = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = '']) =>
    points.split(' ').map(Number),
  );
  assert.equal(lines.length, 2);
  const [waiting = [], graded = []] = lines;
  assert.deepEqual(
    waiting.filter((_, index) => index % 2 === 1),
    [295, 50, 197],
    'nothing is at the bottom, the most at the top',
  );
  assert.equal(new Set(graded.filter((_, index) => index % 2 === 1)).size, 1);
  assert.ok(lines.flat().every((number) => number >= 0 && number <= 860));
  for (const tick of ['>0<', '>4<', '>10<', '>3 min<']) assert.ok(svg.includes(tick), tick);
});

test('renderSvg() draws an empty plot where there is nothing', () => {
  assert.match(
    renderSvg({ title: 'none', lines: [{ name: 'waiting', values: [] }], stepSeconds: 1 }),
    /points=""/,
  );
});

test('renderChart() fills blocks up to each value, and shows whatever is there', () => {
  const chart = renderChart('jobs', [0, 1, 500, 1000], 30);
  assert.deepEqual(chart.split('\n'), [
    'jobs',
    '1000 ┤   █',
    '     ┤   █',
    '     ┤   █',
    '     ┤   █',
    '     ┤  ██',
    '     ┤  ██',
    '     ┤  ██',
    '   0 ┤ ▁██',
    '     └────',
    '      02 min',
    '',
  ]);
});

test('showTime() takes the unit that is easy to read', () => {
  assert.deepEqual([0, 90, 150, 3_600, 86_400].map(showTime), ['0 s', '90 s', '2.5 min', '60 min', '24 h']);
});
