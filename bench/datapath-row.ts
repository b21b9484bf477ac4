/**
 * One row of the datapath bench in a process of its own: what V8 has learned from the masks and packets of one row slows the next.
 *
 * Called with a mix, the rules, the masks, the rounds and the packets in a round; prints the figure as JSON.
 */
import { type MixName, measureDatapath } from './datapath.ts';

const [mix, ...numbers] = process.argv.slice(2);
const [rules, masks, rounds, count] = numbers.map(Number);
console.log(JSON.stringify(measureDatapath(mix as MixName, rules!, masks!, { rounds: rounds!, count: count! })));
