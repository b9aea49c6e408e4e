import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHostname } from './hostname.ts';

test('parseHostname() gives the hostname that a client of that name has', () => {
  const cases = {
    'course.example.edu': 'course.example.edu',
    'Course.Example.EDU': 'course.example.edu',
    localhost: 'localhost',
    'münchen.example': 'xn--mnchen-3ya.example',
    '127.0.0.1': '127.0.0.1',
    '[::1]': '[::1]',
    'under_score.example': 'under_score.example',
  };
  for (const [text, hostname] of Object.entries(cases))
    assert.deepEqual(parseHostname(text), { kind: 'ok', hostname }, text);
});

test('parseHostname() says what is too much, or wrong', () => {
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['https://course.example.edu', /scheme/],
    ['course.example.edu:8443', /port/],
    ['course.example.edu:', /port/],
    ['[::1]:80', /port/],
    ['::1', /brackets/],
    ['course.example.edu/results', /path/],
    ['ada@course.example.edu', /user/],
    ['*.example.edu', /in full/],
    ['course example.edu', /blanks/],
    ['course\u001b[31m.example.edu', /control/],
    ['course.example.edu.', /dot/],
    ['a<b', /no hostname/],
    [`${'a'.repeat(60)}.`.repeat(5).concat('edu'), /longer than 253/],
  ];
  for (const [text, reason] of cases) {
    const parsed = parseHostname(text);
    assert.match(parsed.kind === 'invalid' ? parsed.reason : 'ok', reason, text);
  }
});
