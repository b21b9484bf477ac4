/** Parts of a body (RFC 9110, section 14): one range of bytes. Of several at once the whole is sent, as a server may. */

/** Undefined for what asks for the whole; `none` for a part that is not there. */
export function findRange(
  text: string,
  bytes: number,
): { readonly first: number; readonly end: number } | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if ((from === '' && to === '') || from.length > 15 || to.length > 15) return undefined;
  if (from === '') {
    const count = Math.min(bytes, Number(to));
    return count === 0 ? 'none' : { first: bytes - count, end: bytes };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return undefined;
  if (first >= bytes) return 'none';
  return { first, end: to === '' ? bytes : Math.min(bytes, Number(to) + 1) };
}
