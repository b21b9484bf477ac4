/** Numbers as people read them: three digits, a prefix, a unit. The unit's words come from the catalogue, the arithmetic from here. */

const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const;

/** `0`, `0.4`, `12.3`, `1.24 k`; the unit follows without another space. */
export function formatQuantity(value: number): string {
  if (!Number.isFinite(value)) return '– ';
  let scaled = Math.abs(value);
  let step = 0;
  // 999.5 would be rounded to 1000, which is four digits.
  while (scaled >= 999.5 && step < PREFIXES.length - 1) {
    scaled /= 1000;
    step++;
  }
  const digits = scaled === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  const text = step === 0 && Number.isInteger(scaled) ? String(scaled) : scaled.toFixed(digits);
  return `${value < 0 ? '-' : ''}${text} ${PREFIXES[step]}`;
}

/** A count of any size, in groups of three with thin spaces, exact: counters of a switch are 64 bits wide. */
export function formatCount(count: string | number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
}

/** The time of a run: `0:07.250`, `1:02:03.004`. */
export function formatMoment(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const rest = `${pad(Math.floor(whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
  return hours > 0 ? `${hours}:${pad(minutes, 2)}:${rest}` : `${minutes}:${rest}`;
}
