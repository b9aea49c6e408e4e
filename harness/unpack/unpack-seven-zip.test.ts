import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFailure } from './unpack-seven-zip.ts';

const explain = (output: string): string => explainFailure(2, null, output).message;

// Recorded of 7-Zip 26.02.
const BEGINNING = '\nExtracting archive: x.7z\n--\nPath = x.7z\nType = 7z\n\n';

test('explainFailure() knows the sentences of 7z', () => {
  for (const [output, message] of [
    ['ERROR: Data Error in encrypted file. Wrong password? : a/x\n', 'encrypted archives are not supported'],
    [
      '\nERROR: x.7z : Cannot open encrypted archive. Wrong password?\n\n',
      'encrypted archives are not supported',
    ],
    [
      'ERROR: x.7z\nCannot open encrypted archive. Wrong password?\n\n',
      'encrypted archives are not supported',
    ],
    ['\nSystem ERROR:\nerrno=28 : No space left on device\n', "archive expands beyond the job's disk"],
    [
      'ERROR: Cannot write output file : errno=28 : No space left on device : /o/x\n',
      "archive expands beyond the job's disk",
    ],
    [
      "\nERROR: Can't allocate required memory!\n",
      'archive needs more memory to be unpacked than the job has',
    ],
    [
      '\nSystem ERROR:\nerrno=12 : Cannot allocate memory\n',
      'archive needs more memory to be unpacked than the job has',
    ],
    ['\nERRORS:\nUnexpected end of archive\n', 'corrupt archive: "7z ended with 2"'],
  ] as const)
    assert.equal(explain(BEGINNING + output), message, output);
});

test('explainFailure() takes no name in the archive for a sentence of 7z', () => {
  for (const name of [
    'PasswordTest.java',
    'encrypted.txt',
    'no space left',
    'not enough memory',
    "can't allocate",
  ])
    assert.equal(
      explain(`${BEGINNING}Path = ${name}\nERROR: CRC Failed : a/${name}\n`),
      `corrupt archive: "CRC Failed : a/${name}"`,
    );
});
