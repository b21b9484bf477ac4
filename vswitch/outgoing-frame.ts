/**
 * A frame at the moment it leaves a port, as the world around the switch is shown it.
 *
 * Most of the world copies a frame somewhere else at once or only counts it, so a frame that the switch has edited is not copied
 * for it: `bytes` up to `length` are good until the call returns. Whoever keeps the frame takes what `freeze` answers, which nobody changes any
 * more; asked several times for one frame, it copies once.
 */
export interface OutgoingFrame {
  readonly bytes: Uint8Array;
  readonly length: number;
  freeze(): Uint8Array;
}
