// Ids come from Math.random and dates from the clock: with both pinned, recording again gives the same bytes.
const START = Date.UTC(2026, 0, 15, 9, 30, 0);
const RealDate = Date;
let state = 1;

class PinnedDate extends RealDate {
  constructor(...parts) {
    super(...(parts.length ? parts : [START]));
  }
  static now() {
    return START;
  }
}

export function pin() {
  globalThis.Date = PinnedDate;
  Math.random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Each recording starts from its own name, so that adding one does not change the ids in the others. */
export function reseed(name) {
  state = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 7);
}
