const UINT32 = 2 ** 32;
/** The golden ratio in 32 bits: splitmix's step, and what keeps the streams of one seed apart. */
const GOLDEN = 0x9e3779b9;

function splitmix32(state: number): number {
  let z = (state + GOLDEN) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/**
 * Random numbers that a seed fixes, on every machine (xoshiro128**, Blackman and Vigna 2018). `Math.random` cannot be
 * seeded, and a load that cannot be repeated cannot be compared.
 */
export class RandomSource {
  private readonly state = new Uint32Array(4);

  /**
   * @param seed a whole number from 0 to 2^32 - 1
   * @param stream gives one seed several independent sources: a change of quantities leaves the arrivals as they were
   */
  constructor(seed: number, stream = 0) {
    let word = splitmix32((seed + Math.imul(stream + 1, GOLDEN)) % UINT32);
    for (let index = 0; index < this.state.length; index += 1) {
      word = splitmix32(word + index);
      this.state[index] = word;
    }
  }

  /** Evenly distributed between 0 and 1, both left out: its logarithm is finite. */
  uniform(): number {
    // 52 bits, and half a step: neither end can come out of the rounding.
    return ((this.word() >>> 6) * 2 ** 26 + (this.word() >>> 6) + 0.5) / 2 ** 52;
  }

  /** Exponentially distributed with mean 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** Normally distributed with mean 0 and deviation 1 (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.uniform());
  }

  private word(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    const nextC = c ^ a;
    const nextD = d ^ b;
    this.state[1] = b ^ nextC;
    this.state[0] = a ^ nextD;
    this.state[2] = nextC ^ shifted;
    this.state[3] = rotateLeft(nextD, 11);
    return result;
  }
}
