/* How each kind of chart is drawn. A drawing gets its data and a theme and returns an ECharts option with a height;
   tooltips are drawn as text, never as HTML, so that no name in the data can become markup. */

/** The colours and type of the page, as it looks now; paper is always light. */
function themeNow(paper) {
  const dark = !paper && matchMedia("(prefers-color-scheme: dark)").matches;
  const found = getComputedStyle(root);
  const variable = (name) => found.getPropertyValue(name).trim();
  return paper
    ? { name: "light", text: "#17211f", soft: "#51605c", line: "#d9dfdb", grid: "#e6eae7", card: "#ffffff", accent: "#0b6069" }
    : {
      name: dark ? "dark" : "light", text: variable("--text"), soft: variable("--soft"), line: variable("--line"),
      grid: variable("--grid"), card: variable("--card"), accent: variable("--accent"),
    };
}

function luminance(colour) {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
}

/** Black or white, whichever is read better on a colour. */
function inkOn(colour) {
  const light = luminance(colour);
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

function base(theme) {
  return {
    animation: false, animationDuration: 0, animationDurationUpdate: 0, stateAnimation: { duration: 0 },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: theme.text, fontSize: 12 },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: theme.card, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 12 }, padding: [8, 10],
    },
  };
}

function axis(theme, more) {
  return {
    axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: theme.grid } },
    axisLabel: { color: theme.soft }, nameTextStyle: { color: theme.soft }, ...more,
  };
}

/** The room that names need beside an axis, at most a third of the width; longer ones are broken. */
function spaceFor(names, width) {
  const letters = (name) => [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 13 : 7.5), 0);
  return Math.min(Math.max(...names.map(letters)) + 18, width * 0.34);
}

/** The legend of a chart as words beside colours, in the page itself: it wraps, and it prints. */
function legend(chart, title, items) {
  const place = document.getElementById(`${chart.id}-legend`);
  place.replaceChildren();
  if (title) {
    const head = document.createElement("strong");
    head.textContent = title;
    place.append(head);
  }
  for (const [colour, label] of items) {
    const item = document.createElement("span");
    const box = document.createElement("i");
    box.style.backgroundColor = colour;
    item.append(box, label);
    place.append(item);
  }
}

const SHORT = {
  money: (value) => Math.abs(value) >= 100 && Math.abs(value) < 10000 ? format.wholeMoney(value) : format.roundMoney(value),
  percent: (value) => format.wholePercent(value),
};
const STEP = { money: SHORT.money, percent: (value) => format.tidyPercent(value) };
const EXACT = { money: (value) => format.money(value), percent: (value) => format.percent(value) };

function stepLabel(steps, index, unit) {
  const low = steps[index - 1];
  const high = steps[index];
  const fields = { low: low === undefined ? "" : STEP[unit](low), high: high === undefined ? "" : STEP[unit](high) };
  if (low === undefined) return word("below", fields);
  return word(high === undefined ? "from" : "range", fields);
}

/** Customers in cells of two things, coloured by a third; the cells say how many they are, or what they are worth. */
function heatMap(chart, theme, width) {
  const colours = chart.colours[theme.name];
  const side = spaceFor(chart.rows, width) + 24;
  const room = (width - side - 8) / chart.columns.length;
  const counted = chart.shown === "customers";
  const narrow = room < 56;
  const inCell = (value) => {
    if (!counted) return SHORT[chart.unit](value[3]);
    return narrow ? format.shortCount(value[2]) : format.count(value[2]);
  };
  const longest = Math.max(0, ...chart.cells.map((cell) => [...inCell([0, 0, cell[2], cell[3]])].length));
  const named = counted ? chart.columns.length <= 12 && chart.rows.length <= 12 : room >= longest * 6.4 + 2 && chart.rows.length <= 40;
  const said = chart.steps.length ? colours.map((colour, index) => [colour, stepLabel(chart.steps, index, chart.unit)])
    : chart.cells.slice(0, 1).map((cell) => [colours[0], EXACT[chart.unit](cell[3])]);
  legend(chart, chart.legend[lang()], said);
  const row = Math.max(counted ? 30 : 24, Math.min(44, 150 / chart.rows.length));
  const scale = (data, name, more) => axis(theme, { type: "category", data, name: name[lang()], nameLocation: "middle", splitLine: { show: false }, ...more });
  return {
    ...base(theme),
    height: Math.max(counted ? 400 : 0, Math.min(chart.rows.length, 24) * row + 70),
    grid: { left: side, right: 8, top: 8, bottom: 52 },
    xAxis: scale(chart.columns, chart.x_name, { nameGap: 30 }),
    yAxis: scale(chart.rows, chart.y_name, { nameGap: side - 20, inverse: chart.top_first === true }),
    series: [{
      type: "heatmap",
      data: chart.cells.map(([r, f, customers, value, step]) => ({
        value: [f - 1, r - 1, customers, value],
        itemStyle: { color: colours[step], borderColor: theme.card, borderWidth: named ? 2 : 0.5, borderRadius: named ? 4 : 0 },
        label: { color: inkOn(colours[step]) },
      })),
      label: { show: named, fontSize: narrow ? 11 : 13, formatter: ({ value }) => inCell(value) },
      emphasis: { itemStyle: { borderColor: theme.text, borderWidth: 2 } },
      tooltip: {
        formatter: ({ value }) => `${chart.y_tip[lang()]} ${chart.rows[value[1]]} · ${chart.x_tip[lang()]} ${chart.columns[value[0]]}\n`
          + `${format.count(value[2])} ${word("customers")}\n${chart.value_name[lang()]} ${EXACT[chart.unit](value[3])}`,
      },
    }],
    visualMap: { show: false, type: "piecewise", dimension: 2, pieces: [], outOfRange: { color: undefined } },
  };
}

function tierTooltip(tier) {
  return `${tier.name[lang()]}\n${format.count(tier.customers)} ${word("customers")} · ${format.percent(tier.customers_percent)}\n`
    + `${word("revenue")} ${format.money(tier.revenue)} · ${format.percent(tier.revenue_percent)}`;
}

function treemap(chart, theme, width, paper) {
  const colours = chart.colours[theme.name];
  const measure = chart.choice || "customers";
  const shown = chart.tiers.map((tier, index) => ({ tier, index, amount: Number(tier[measure]) })).filter((item) => item.amount > 0);
  legend(chart, shown.length ? "" : word("no_positive"), []);
  const height = paper ? 330 : width < 480 ? 460 : 400;
  const total = shown.reduce((sum, item) => sum + item.amount, 0);
  const side = (amount) => Math.sqrt(amount / total * width * height);
  return {
    ...base(theme),
    height,
    series: [{
      type: "treemap", animation: false, animationDuration: 0, animationDurationUpdate: 0, roam: false, nodeClick: false, breadcrumb: { show: false }, left: 0, right: 0, top: 0, bottom: 0,
      squareRatio: width < 480 ? 0.9 : 1.4,
      itemStyle: { borderColor: theme.card, borderWidth: 0, gapWidth: 3, borderRadius: 4 },
      label: { position: "insideTopLeft", padding: 4 },
      data: shown.map(({ tier, index, amount }) => ({
        name: tier.name[lang()], value: amount, tier,
        itemStyle: { color: colours[index] },
        label: {
          show: side(amount) > 44, overflow: spaceFor(tier.name[lang()].split(" "), Infinity) - 18 > side(amount) * 0.6 ? "truncate" : "break",
          color: inkOn(colours[index]), fontSize: side(amount) < 90 ? 11 : 13,
          lineHeight: side(amount) < 90 ? 14 : 17, formatter: `${tier.name[lang()]}\n${format.percent(tier[`${measure}_percent`])}`,
        },
      })),
      tooltip: { formatter: ({ data }) => data.tier ? tierTooltip(data.tier) : "" },
    }],
  };
}

/** Dashed lines from both axes to a point of the curve, the point, and its words to the right of it, `drop` below. */
function paretoGuide(theme, x, y, label, drop) {
  const line = { lineStyle: { color: theme.soft, type: [3, 3], width: 1 }, symbol: "none", label: { show: false } };
  return {
    line: [[{ coord: [x, 0], ...line }, { coord: [x, y] }], [{ coord: [0, y], ...line }, { coord: [x, y] }]],
    point: {
      coord: [x, y], symbol: "circle", symbolSize: 11,
      itemStyle: { color: theme.card, borderColor: theme.accent, borderWidth: 3 },
      label: {
        show: true, position: "right", distance: 12, offset: [0, drop], color: theme.text, fontWeight: 600, fontSize: 13,
        lineHeight: 17, align: "left", formatter: label, textBorderColor: theme.card, textBorderWidth: 3,
      },
    },
  };
}

function pareto(chart, theme, width) {
  const guides = [];
  const two = chart.top20 !== null;
  const above = two && chart.top20 > 80;
  const label = (name, value) => {
    const text = word(name, { value: format.percent(value) });
    return width < 440 ? text.replace(/^(.{5,}?) /, "$1\n") : text;
  };
  const drop = width < 440 ? 22 : 14;
  if (two) guides.push(paretoGuide(theme, 20, chart.top20, label("point20", chart.top20), above ? 0 : drop));
  guides.push(paretoGuide(theme, chart.for80, 80, label("point80", chart.for80), above ? drop : 0));
  return {
    ...base(theme),
    height: 400,
    grid: { left: 48, right: 16, top: 12, bottom: 46 },
    xAxis: axis(theme, { type: "value", min: 0, max: 100, interval: 20, name: word("customers_axis"), nameLocation: "middle", nameGap: 28, splitLine: { show: false } }),
    yAxis: axis(theme, { type: "value", min: 0, max: 100, interval: 20, name: word("value_axis"), nameLocation: "middle", nameGap: 32 }),
    series: [
      { type: "line", data: [[0, 0], [100, 100]], symbol: "none", silent: true, tooltip: { show: false }, lineStyle: { color: theme.soft, type: [6, 4], width: 1 } },
      {
        type: "line", data: chart.points, showSymbol: false, symbolSize: 8, lineStyle: { color: theme.accent, width: 2.5 },
        itemStyle: { color: theme.accent }, areaStyle: { color: theme.accent, opacity: 0.14 },
        markLine: { silent: true, symbol: "none", data: guides.flatMap((guide) => guide.line) },
        markPoint: { silent: true, data: guides.map((guide) => guide.point) },
      },
    ],
    tooltip: {
      ...base(theme).tooltip, trigger: "axis", axisPointer: { lineStyle: { color: theme.line }, label: { show: false } },
      formatter: (items) => {
        const found = items.find((item) => item.seriesIndex === 1);
        return found ? `${format.percent(found.value[0])} ${word("customers")}\n${word("value_axis")} ${format.percent(found.value[1])}` : "";
      },
    },
  };
}

/** Layers that are centred: an unseen bar on the left moves each to the middle. */
function layers(chart, theme, grid, measure, colours) {
  const shares = chart.tiers.map((tier) => Math.max(0, tier[measure] ?? 0));
  const stack = `${measure}-${grid}`;
  const common = { type: "bar", stack, xAxisIndex: grid, yAxisIndex: grid, barCategoryGap: "8%" };
  return [
    { ...common, silent: true, tooltip: { show: false }, itemStyle: { color: "transparent" }, data: shares.map((share) => (100 - share) / 2) },
    {
      ...common,
      data: shares.map((share, index) => {
        const inside = share >= 34;
        return {
          value: share, itemStyle: { color: colours[index], borderRadius: 3 }, tier: chart.tiers[index],
          label: { show: true, position: inside ? "inside" : "right", color: inside ? inkOn(colours[index]) : theme.text, formatter: format.percent(chart.tiers[index][measure]), fontWeight: 600 },
        };
      }),
      tooltip: { formatter: ({ data }) => tierTooltip(data.tier) },
    },
  ];
}

function pyramid(chart, theme, width, paper) {
  const colours = chart.colours[theme.name];
  const narrow = width < 460;
  const names = chart.tiers.map((tier) => tier.name[lang()]);
  const space = spaceFor(names, width);
  const row = Math.max(24, Math.min(82, (paper ? 264 : 340) / chart.tiers.length));
  const tall = chart.tiers.length * row;
  const half = (width - space) / 2 - 8;
  const grids = narrow
    ? [{ left: space, right: 8, top: 30, height: tall }, { left: space, right: 8, top: tall + 74, height: tall }]
    : [{ left: space, width: half, top: 36, height: tall }, { left: space + half + 16, width: half, top: 36, height: tall }];
  const title = (text, grid) => ({
    text, left: narrow ? space : grid.left + grid.width / 2, top: grid.top - 28, textAlign: narrow ? "left" : "center",
    textStyle: { color: theme.soft, fontSize: 13, fontWeight: 600 },
  });
  return {
    ...base(theme),
    height: (narrow ? 2 * tall + 90 : tall + 56),
    title: [title(`${word("customers_share")} (%)`, grids[0]), title(`${word("revenue_share")} (%)`, grids[1])],
    grid: grids,
    xAxis: grids.map((_, index) => ({ type: "value", min: 0, max: 100, gridIndex: index, show: false })),
    yAxis: grids.map((_, index) => axis(theme, {
      type: "category", data: names, inverse: true, gridIndex: index, splitLine: { show: false },
      axisLabel: { show: narrow || index === 0, color: theme.text, fontSize: 13, width: space - 12, overflow: "break" },
    })),
    series: [...layers(chart, theme, 0, "customers_percent", colours), ...layers(chart, theme, 1, "revenue_percent", colours)],
  };
}

function bars(chart, theme, width) {
  const colours = chart.colours[theme.name];
  const narrow = width < 560;
  const names = chart.tiers.map((tier) => tier.name[lang()]);
  const space = spaceFor(names, width);
  const most = Math.max(1, ...chart.tiers.flatMap((tier) => [tier.customers_percent ?? 0, tier.revenue_percent ?? 0]));
  const pale = (colour) => echarts.color.modifyAlpha(colour, 0.45);
  legend(chart, "", [[colours[0], word("customers_share")], [pale(colours[0]), word("revenue_share")]]);
  const series = (measure, shade) => ({
    type: "bar", barGap: "12%", barCategoryGap: "34%",
    data: chart.tiers.map((tier, index) => ({
      value: tier[measure] ?? 0, tier,
      itemStyle: { color: shade(colours[index]), borderRadius: [0, 4, 4, 0] },
    })),
    label: {
      show: true, position: "right", color: theme.text,
      formatter: ({ data }) => measure === "customers_percent"
        ? `${format.percent(data.tier.customers_percent)}${narrow ? "" : ` · ${format.count(data.tier.customers)}`}`
        : `${format.percent(data.tier.revenue_percent)}${narrow ? "" : ` · ${format.roundMoney(data.tier.revenue)}`}`,
    },
    tooltip: { formatter: ({ data }) => tierTooltip(data.tier) },
  });
  return {
    ...base(theme),
    height: chart.tiers.length * 62 + 56,
    grid: { left: space, right: narrow ? 56 : 130, top: 4, bottom: 44 },
    xAxis: axis(theme, { type: "value", min: Math.min(0, ...chart.tiers.map((tier) => tier.revenue_percent ?? 0)), max: Math.ceil(most / 10) * 10, name: word("share_axis"), nameLocation: "middle", nameGap: 26, splitNumber: narrow ? 3 : 6 }),
    yAxis: axis(theme, { type: "category", data: names, inverse: true, splitLine: { show: false }, axisLabel: { color: theme.text, fontSize: 13, width: space - 12, overflow: "break" } }),
    series: [series("customers_percent", (colour) => colour), series("revenue_percent", pale)],
  };
}

const DRAWINGS = { heat_map: heatMap, treemap, pareto, pyramid, bars };
