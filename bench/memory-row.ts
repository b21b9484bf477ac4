/** One row of the memory bench in a process of its own: called with the row and how many of them, prints the bytes of one as JSON. */
import { type MemoryRow, measureMemory } from './memory.ts';

const [row, count] = process.argv.slice(2);
console.log(JSON.stringify(measureMemory(row as MemoryRow, Number(count))));
