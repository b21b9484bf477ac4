/** Distances on Earth, and the middle of places, taken for a sphere: half a percent of error is less than fibres deviate from straight lines. */
import type { Location } from '../document.ts';

/** IUGG, mean radius. */
const EARTH_RADIUS_KM = 6371.0088;

/** Light in glass of a refractive index of 1.5. */
const FIBRE_KM_PER_S = 200_000;

const RADIANS = Math.PI / 180;

/** How long a bit needs on a fibre as straight as the Earth is round. */
export function fibreDelayNs(a: Location, b: Location): number {
  return Math.round((distanceKm(a, b) / FIBRE_KM_PER_S) * 1e9);
}

/** By the haversine formula. */
export function distanceKm(a: Location, b: Location): number {
  const halfLat = Math.sin(((b.lat - a.lat) * RADIANS) / 2);
  const halfLon = Math.sin(((b.lon - a.lon) * RADIANS) / 2);
  const h = halfLat ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * halfLon ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The mean of the directions from the centre of the Earth: the mean of the degrees is on the other side for places around the date line. */
export function meanLocation(places: readonly Location[]): Location | undefined {
  let [x, y, z] = [0, 0, 0];
  for (const { lon, lat } of places) {
    x += Math.cos(lat * RADIANS) * Math.cos(lon * RADIANS);
    y += Math.cos(lat * RADIANS) * Math.sin(lon * RADIANS);
    z += Math.sin(lat * RADIANS);
  }
  // Places opposite each other have no middle.
  if (Math.hypot(x, y, z) < 1e-9) return undefined;
  return { lon: round(Math.atan2(y, x) / RADIANS), lat: round(Math.atan2(z, Math.hypot(x, y)) / RADIANS) };
}

/** To ten metres. */
function round(degrees: number): number {
  return Math.round(degrees * 1e4) / 1e4;
}
