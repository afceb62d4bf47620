// Exact rational numbers {top, bottom} of BigInt, their text, and the double nearest to each. As Python's Fraction.
"use strict";

rheobase.exact = (() => {
  const size = (n) => (n < 0n ? -n : n);
  const bits = (n) => (n ? size(n).toString(2).length : 0);
  const made = (top, bottom = 1n) => {
    let [a, b] = [size(top), size(bottom)];
    while (b) [a, b] = [b, a % b];
    if (bottom < 0n) [top, bottom] = [-top, -bottom];
    return { top: top / (a || 1n), bottom: bottom / (a || 1n) };
  };
  const add = (p, q) => made(p.top * q.bottom + q.top * p.bottom, p.bottom * q.bottom);
  const neg = (p) => ({ top: -p.top, bottom: p.bottom });
  const sub = (p, q) => add(p, neg(q));
  const mul = (p, q) => made(p.top * q.top, p.bottom * q.bottom);
  const div = (p, q) => made(p.top * q.bottom, p.bottom * q.top);
  const pow = (p, n) => (n < 0 ? made(p.bottom ** BigInt(-n), p.top ** BigInt(-n)) : made(p.top ** BigInt(n), p.bottom ** BigInt(n)));
  const less = (p, q) => p.top * q.bottom < q.top * p.bottom;
  const abs = (p) => ({ top: size(p.top), bottom: p.bottom });

  // The number that a literal such as 1_000.5e-3 states.
  const read = (text) => {
    const [digits, exponent] = text.toLowerCase().replaceAll("_", "").split("e");
    const [whole, part = ""] = digits.split(".");
    const power = Number(exponent || 0) - part.length;
    const value = BigInt(whole + part);
    return power < 0 ? made(value, 10n ** BigInt(-power)) : made(value * 10n ** BigInt(power));
  };

  // Rounded once, ties to the even number.
  const double = ({ top, bottom }) => {
    if (!top) return 0;
    const sign = top < 0n ? -1 : 1;
    const a = size(top);
    const reach = bits(a) - bits(bottom);
    if (reach < -1021) { // among the subnormal numbers, whole multiples of the least
      const scaled = a << 1074n;
      const twice = 2n * (scaled % bottom);
      let k = scaled / bottom;
      if (twice > bottom || (twice === bottom && k % 2n)) k += 1n;
      return sign * Number(k) * Number.MIN_VALUE;
    }
    const shift = 66 - reach;
    const [above, below] = shift < 0 ? [a, bottom << BigInt(-shift)] : [a << BigInt(shift), bottom];
    const sticky = above % below ? 1n : 0n; // Number(…) rounds a BigInt once; the digits cut off still break a tie
    const half = Math.trunc(shift / 2);
    return sign * Number((above / below) | sticky) * 2 ** -half * 2 ** -(shift - half);
  };

  const LEAST = made(1n, 1n << 1075n);
  const GREATEST = made(BigInt(Number.MAX_VALUE));
  const fits = (p) => !less(abs(p), LEAST) && !less(GREATEST, abs(p));

  const whole = (n) => {
    if (n < 0n) return `-${whole(-n)}`;
    if (n <= GREATEST.top) return String(n);
    const [high, low] = [n / 10n ** 300n, n % 10n ** 300n];
    return low ? `(${whole(high)}*1e300 + ${whole(low)})` : `(${whole(high)}*1e300)`;
  };

  // A shortest exact text: 0.044715, 1e-30, or 1/3 where no decimal is exact.
  const text = (value) => {
    let [twos, fives, rest] = [0, 0, value.bottom];
    while (rest % 2n === 0n) [rest, twos] = [rest / 2n, twos + 1];
    while (rest % 5n === 0n) [rest, fives] = [rest / 5n, fives + 1];
    if (rest !== 1n || (value.top && !fits(value))) {
      return value.bottom === 1n ? whole(value.top) : `${whole(value.top)}/${whole(value.bottom)}`;
    }
    const places = Math.max(twos, fives);
    let digits = String((size(value.top) * 10n ** BigInt(places)) / value.bottom);
    const sign = value.top < 0n ? "-" : "";
    if (!places) {
      const zeros = value.top ? digits.length - digits.replace(/0+$/, "").length : 0;
      return sign + (zeros >= 7 ? `${digits.slice(0, -zeros)}e${zeros}` : digits);
    }
    if (places - digits.length >= 6) {
      return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}e-${places - digits.length + 1}`;
    }
    digits = digits.padStart(places + 1, "0");
    return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  };

  return { made, add, sub, mul, div, neg, pow, abs, less, fits, bits, read, double, text };
})();
