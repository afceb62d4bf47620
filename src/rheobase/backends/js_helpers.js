// Helpers of generated JavaScript: one double in, one double out. Figures: errors measured in unit roundoffs u.
"use strict";

function _step(x) {
  return x < 0 ? 0.0 : x >= 0 ? 1.0 : x;
}

function _round(x) {
  // Math.round takes a tie upwards; here it goes to the even number
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

function _sigmoid(x) {
  // one exponential of a number <= 0: neither overflow nor a flushed tail
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}

function _softplus(x) {
  // log1p keeps the tail that log(1 + exp(x)) rounds away
  return Math.max(x, 0.0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function _sech(x) {
  // 1 / cosh(x) is 0 from 711 on, where the true value is still a number
  const e = Math.exp(-Math.abs(x));
  return (2.0 * e) / (1.0 + e * e);
}

function _sinc(x) {
  return x === 0 ? 1.0 : Math.sin(x) / x;
}

function _dsinc(x) {
  // (cos x - sinc x)/x cancels near 0: its Taylor series below 1
  if (!(Math.abs(x) < 1.0)) return (Math.cos(x) - Math.sin(x) / x) / x;
  const c = [
    -1 / 3, 1 / 30, -1 / 840, 1 / 45360, -1 / 3991680, 1 / 518918400, -1 / 93405312000, 1 / 22230464256000,
  ];
  return x * _horner(c, x * x);
}

function _horner(c, q) {
  let p = c[c.length - 1];
  for (let i = c.length - 2; i >= 0; i--) p = p * q + c[i];
  return p;
}

function _phi(x) {
  // exp(-x*x/2): x*x/2 rounded once costs 500 u at 35; h has few bits, so h*h is exact, and the rest is small
  const z = Math.min(Math.abs(x), 40.0);
  const h = Math.round(z * 128.0) * 0.0078125;
  const t = 0.3989422804014327 * Math.exp(-0.5 * h * h);
  return t + t * Math.expm1(0.5 * (h - z) * (h + z));
}

function _erf(x) {
  // the series of erf(x)/x below 1; beyond, 1 - erfc loses nothing
  if (!(Math.abs(x) < 1.0)) return x < 0 ? _erfc(-x) - 1.0 : 1.0 - _erfc(x);
  return x * _horner(_erf_series, x * x);
}

const _erf_series = [
  1.1283791670955126, -0.37612638903183754, 0.11283791670955126, -0.026866170645131252, 0.005223977625442188,
  -0.0008548327023450853, 0.00012055332981789664, -1.492565035840625e-05, 1.6462114365889248e-06,
  -1.6365844691234924e-07, 1.4807192815879218e-08, -1.2290555301717928e-09, 9.422759064650411e-11,
  -6.7113668551641105e-12, 4.4632242632864775e-13, -2.7835162072109215e-14, 1.6342614095367152e-15,
  -9.063970842808673e-17, 4.763348040515068e-18, -2.3784598852774293e-19,
];

function _erfc(x) {
  // exp(z*z) erfc(z) (1 + z) is a polynomial in (z - 3) / (z + 3) on all z >= 0, and the square is split so that h*h is
  // exact; the last line also gives back what the sums n and d were rounded by
  const z = Math.min(Math.abs(x), 30.0);
  const q = 2.0 * (z / (z + 3.0)) - 1.0;
  const p = q * _horner(_erfc_tail, q);
  const n = _erfc_head + p;
  const d = 1.0 + z;
  const h = Math.round(z * 128.0) * 0.0078125;
  let t = (n / d) * Math.exp(-h * h);
  t = t + t * (Math.expm1((h - z) * (h + z)) + ((p - (n - _erfc_head)) / n - (z - (d - 1.0)) / d));
  return x < 0 ? 2.0 - t : t;
}

const _erfc_head = 0.7160046047255598;

const _erfc_tail = [
  -0.23092733308380917, 0.09902075367944, -0.010235388899012472, -0.02380391310866348, 0.021957764012783057,
  -0.009750689292934555, 0.00161856912561458, 0.0006458142058120285, -0.0003672884714900371, -2.0551626575237133e-05,
  5.611935061418131e-05, -1.5143011984802886e-06, -8.99003113410397e-06, 2.604253917539671e-07, 1.58872633151496e-06,
  6.122158776232285e-08, -2.9342731506504446e-07, -4.7509319686612515e-08, 5.0982190709594805e-08,
  1.6580063772472426e-08, -7.0683803845486596e-09, -3.6160599174792615e-09, 5.574853257256397e-10,
  3.9077439202435875e-10,
];

function _Phi(x) {
  // as for erfc: 2 Phi(-z) exp(z*z/2) (1 + z) - 1 is a polynomial in (z - 4.5) / (z + 4.5); no rounded x/sqrt(2)
  const z = Math.min(Math.abs(x), 40.0);
  const q = 2.0 * (z / (z + 4.5)) - 1.0;
  const p = _horner(_Phi_series, q);
  const d = 1.0 + z;
  const h = Math.round(z * 128.0) * 0.0078125;
  let t = (0.5 * Math.exp(-0.5 * h * h)) / d;
  t = t + t * (p + (1.0 + p) * (Math.expm1(0.5 * (h - z) * (h + z)) - (z - (d - 1.0)) / d));
  return x > 0 ? 1.0 - t : t;
}

const _Phi_series = [
  -0.06716268681419618, -0.18891351777637366, 0.047685929538239996, 0.03784531332542115, -0.06075378193173018,
  0.045232620894691454, -0.021182170669780055, 0.005422492197188862, 0.00023851134010173576, -0.0007060035356701557,
  0.00014190451434111296, 6.76700230885036e-05, -2.9793223311446945e-05, -7.171676392378975e-06,
  5.10412258618052e-06, 1.0523228113932413e-06, -8.593223398665435e-07, -2.1591044193446974e-07,
  1.4172752251925695e-07, 4.8535725980527914e-08, -2.1185184896061345e-08, -8.891698692673424e-09,
  2.4658164381363984e-09, 8.930821861364524e-10, -1.606326826376851e-10,
];
