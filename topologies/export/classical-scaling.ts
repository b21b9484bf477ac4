/**
 * Points in the plane that are about as far from each other as wanted: classical multidimensional scaling, the two strongest directions of the
 * doubly centred squares, found by power iteration from a start that is not by chance.
 */
import type { Point } from './picture.ts';

const ROUNDS = 60;

/** Distances row by row. The longer direction is x. */
export function scaleDistances(distances: Float64Array, count: number): Point[] {
  const products = center(distances, count);
  const first = findDirection(products, count, undefined);
  const second = findDirection(products, count, first);
  // Things that are alike to everybody else would be in one place and could never part.
  return Array.from({ length: count }, (_, i) => ({
    x: first[i]! + 0.02 * Math.sin(i * 2.399963),
    y: second[i]! + 0.02 * Math.cos(i * 2.399963),
  }));
}

function center(distances: Float64Array, count: number): Float64Array {
  const products = distances.map((distance) => -(distance * distance) / 2);
  const means = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) means[i]! += products[i * count + j]! / count;
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / count;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) products[i * count + j]! += mean - means[i]! - means[j]!;
  }
  return products;
}

/** The strongest direction orthogonal to another, as long as the root of its strength. */
function findDirection(products: Float64Array, count: number, other: Float64Array | undefined): Float64Array {
  let direction = Float64Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + (other ? 1 : 0)) + 0.1);
  let strength = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += products[i * count + j]! * direction[j]!;
      next[i] = sum;
    }
    if (other) removePart(next, other);
    strength = Math.sqrt(dot(next, next));
    if (strength < 1e-9) return new Float64Array(count);
    direction = next.map((value) => value / strength);
  }
  const length = Math.sqrt(strength);
  return direction.map((value) => value * length);
}

function removePart(vector: Float64Array, other: Float64Array): void {
  const share = dot(vector, other) / (dot(other, other) || 1);
  for (let i = 0; i < vector.length; i++) vector[i]! -= share * other[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
