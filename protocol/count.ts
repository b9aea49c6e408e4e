/** A number with its unit: `1 second`, `2 seconds`. */
export function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
