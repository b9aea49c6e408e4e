/** x */
export async function runTest(_options: { all: boolean }): Promise<number> {
  return 0;
}
