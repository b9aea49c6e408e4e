/** x */
export async function runDemo(_names: string[], _options: { data: string; keep: boolean }): Promise<number> {
  return 0;
}
