/* What the page knows, and how it says figures: in the language that is chosen, in the currency of the run. */
const DATA = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

function lang() { return root.lang; }

/** A word of the page, its {fields} filled. */
function word(name, fields = {}) {
  return DATA.words[name][lang()].replace(/\{(\w+)\}/g, (_, field) => fields[field]);
}

/** A formatter of amounts; a code that is no currency's is written behind the number. */
function moneyFormat(options) {
  if (DATA.currency) {
    try {
      return new Intl.NumberFormat(lang(), { style: "currency", currency: DATA.currency, currencyDisplay: "narrowSymbol", ...options });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const plain = new Intl.NumberFormat(lang(), options);
      return { format: (value) => `${plain.format(value)} ${DATA.currency}` };
    }
  }
  return new Intl.NumberFormat(lang(), options);
}

const format = {
  money: (value) => moneyFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value),
  wholeMoney: (value) => moneyFormat({ minimumFractionDigits: 0, maximumFractionDigits: 0 }).format(value),
  roundMoney: (value) => moneyFormat({ notation: "compact", useGrouping: true, maximumFractionDigits: 1, minimumFractionDigits: 0 }).format(value),
  count: (value) => new Intl.NumberFormat(lang()).format(value),
  shortCount: (value) => value < 10000 ? format.count(value)
    : new Intl.NumberFormat(lang(), { notation: "compact", maximumFractionDigits: 1 }).format(value),
  percent: (value) => value === null ? "–"
    : new Intl.NumberFormat(lang(), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "negative" }).format(value / 100),
  wholePercent: (value) => new Intl.NumberFormat(lang(), { style: "percent", maximumFractionDigits: 0 }).format(value / 100),
  tidyPercent: (value) => new Intl.NumberFormat(lang(), { style: "percent", maximumFractionDigits: 1 }).format(value / 100),
  number: (value) => new Intl.NumberFormat(lang(), { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 }).format(value),
  month: (instant) => new Intl.DateTimeFormat(lang(), { year: "numeric", month: "short", timeZone: "UTC" }).format(new Date(instant)),
  date: (text) => new Intl.DateTimeFormat(lang(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(text)),
  instant: (text) => new Intl.DateTimeFormat(lang(), {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    timeZoneName: "short",
  }).format(new Date(text)),
};
