/**
 * Names that a peer chose, safe to show: a control character or a byte that is no UTF-8 would write to the terminal what it
 * likes, so it shows as `?`.
 */
export function toPrintable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cs}]/gu, '?');
}
