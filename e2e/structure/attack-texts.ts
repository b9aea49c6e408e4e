/** Long texts that a regular expression may take long to refuse, made of what stands in it. */
export function* attackTexts(pattern: RegExp, characters: number): Generator<string> {
  const sample = sampleOf(pattern.source);
  const seen = new Set<string>();
  for (let length = 0; length <= sample.length; length += 1) {
    const prefix = sample.slice(0, length).join('');
    const near = sample.slice(Math.max(0, length - 2), length + 2);
    const pumps = [...near, near.slice(0, 2).join(''), near.slice(1, 3).join(''), near.join('')];
    if (length === 0) pumps.push(...sample, ' ', '\n', 'a', '0', 'a!', '"', '\\', '/', '.', '-', '<', '$');
    for (const pump of pumps) {
      const text = prefix + pump;
      if (pump === '' || seen.has(text)) continue;
      seen.add(text);
      const repeated = prefix + pump.repeat(Math.ceil(characters / pump.length));
      yield `${repeated}\u0000`;
      yield `${repeated}!`;
    }
  }
}

/** A character for each place of a pattern, as one text that it might match, or nearly. */
function sampleOf(source: string): string[] {
  const plain = source
    .replace(/\(\?(?:[:=!]|<[=!]|<[A-Za-z]\w*>)/g, '(')
    .replace(/(?<!\\)\{\d+(?:,\d*)?\}/g, '');
  const places = plain.matchAll(/\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\.|\[\^?(?:\\.|[^\]\\])+\]|[^\\[\]]/gi);
  return [...places].map(([place]) => characterOf(place)).filter((character) => character !== '');
}

function characterOf(place: string): string {
  if (place.startsWith('[^')) return 'x';
  if (place.startsWith('[')) return characterOf(/\\?./.exec(place.slice(1))?.[0] ?? '');
  if (/^\\[ux]/.test(place)) return String.fromCharCode(Number.parseInt(place.slice(2), 16));
  if (!place.startsWith('\\')) return place === '.' ? 'x' : /[()|*+?^$]/.test(place) ? '' : place;
  const letter = place.slice(1);
  const known: Readonly<Record<string, string>> = {
    ...{ d: '0', w: 'a', s: ' ', S: 'a', D: 'a', W: ' ', n: '\n', r: '\r', t: '\t', b: '', B: '' },
  };
  return known[letter] ?? letter;
}
