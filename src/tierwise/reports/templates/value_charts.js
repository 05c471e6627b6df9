/* Drawings of the page about lifetime value. */

/** A value axis whose figures are said in the reader's language. */
function figures(theme, name, gap, say, more = {}) {
  return axis(theme, { type: "value", name, nameLocation: "middle", nameGap: gap, ...more, axisLabel: { color: theme.soft, hideOverlap: true, formatter: say, ...more.axisLabel } });
}

/** A tooltip at the pointer's place along the lower axis; `say` gets the items drawn there. */
function across(theme, say) {
  return { ...base(theme).tooltip, trigger: "axis", axisPointer: { lineStyle: { color: theme.line }, label: { show: false } }, formatter: say };
}

function histogram(chart, theme, width) {
  const measure = chart.choice || "customers";
  const at = measure === "customers" ? 2 : 3;
  const say = measure === "customers" ? format.shortCount : format.roundMoney;
  const range = ([low, high]) => high === null ? word("from", { low: format.money(low) })
    : word("range", { low: format.money(low), high: format.money(high) });
  legend(chart, "", []);
  return {
    ...base(theme),
    height: 400,
    grid: { left: 64, right: 12, top: 12, bottom: 50 },
    xAxis: axis(theme, {
      type: "category", data: chart.bins.map((bin) => SHORT.money(bin[0])), name: chart.x_name[lang()], nameLocation: "middle", nameGap: 32,
      splitLine: { show: false }, axisLabel: { color: theme.soft, hideOverlap: true, interval: Math.ceil(chart.bins.length * 56 / width) - 1 },
    }),
    yAxis: figures(theme, word(measure === "customers" ? "customers" : "value"), 50, say),
    series: [{
      type: "bar", barCategoryGap: "8%", itemStyle: { color: theme.accent, borderRadius: [3, 3, 0, 0] }, data: chart.bins.map((bin) => ({ value: bin[at], bin })),
      tooltip: { formatter: ({ data }) => `${range(data.bin)}\n${format.count(data.bin[2])} ${word("customers")}\n${word("value")} ${format.money(data.bin[3])}` },
    }],
  };
}

/** A whisker from the low to the high bound of a row. */
function whisker(theme) {
  return (params, api) => {
    const [low, high] = [api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)])];
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: theme.text, lineWidth: 1.5 } });
    return { type: "group", children: [line(low[0], low[1], high[0], high[1]), line(low[0], low[1] - 5, low[0], low[1] + 5), line(high[0], high[1] - 5, high[0], high[1] + 5)] };
  };
}

function tenths(chart, theme, width) {
  const colours = chart.colours[theme.name];
  const bounded = chart.rows.some((row) => row[3] !== null);
  legend(chart, "", []);
  const say = (row) => `${word("tenth", { place: row[0] })} · ${format.count(row[4])} ${word("customers")}\n${word("mean_value")} ${format.money(row[1])}`
    + (row[3] === null ? "" : `\n${word("range", { low: format.money(row[2]), high: format.money(row[3]) })}`);
  return {
    ...base(theme),
    height: 400,
    grid: { left: 48, right: bounded ? 24 : 64, top: 4, bottom: 50 },
    xAxis: figures(theme, chart.x_name[lang()], 32, format.roundMoney, { splitNumber: width < 480 ? 3 : 5 }),
    yAxis: axis(theme, { type: "category", inverse: true, data: chart.rows.map((row) => String(row[0])), name: word("tenth_axis"), nameLocation: "middle", nameGap: 28, splitLine: { show: false } }),
    series: [
      {
        type: "bar", barCategoryGap: "30%", data: chart.rows.map((row, index) => ({ value: row[1], row, itemStyle: { color: colours[index], borderRadius: [0, 3, 3, 0] } })),
        label: { show: !bounded, position: "right", color: theme.text, formatter: ({ value }) => format.roundMoney(value) },
        tooltip: { formatter: ({ data }) => say(data.row) },
      },
      {
        type: "custom", silent: true, tooltip: { show: false }, encode: { x: [1, 2], y: 0 }, renderItem: whisker(theme),
        data: bounded ? chart.rows.map((row, index) => [index, row[2], row[3]]) : [],
      },
    ],
  };
}

function calibration(chart, theme) {
  const most = Math.max(...chart.points.flatMap((point) => [point[0], point[1]])) * 1.06 || 1;
  const square = { min: 0, max: most, axisLabel: { showMaxLabel: false } };
  legend(chart, "", []);
  return {
    ...base(theme),
    height: 400,
    grid: { left: 60, right: 16, top: 12, bottom: 50 },
    xAxis: figures(theme, word("expected_axis"), 32, format.number, { ...square, splitLine: { show: false } }),
    yAxis: figures(theme, word("actual_axis"), 44, format.number, square),
    series: [
      { type: "line", data: [[0, 0], [most, most]], symbol: "none", silent: true, tooltip: { show: false }, lineStyle: { color: theme.soft, type: [6, 4], width: 1 } },
      {
        type: "line", data: chart.points, symbol: "circle", symbolSize: 10, lineStyle: { color: theme.accent, width: 1.5 },
        itemStyle: { color: theme.card, borderColor: theme.accent, borderWidth: 3 },
        tooltip: {
          formatter: ({ value }) => `${word("band", { place: value[3] })} · ${format.count(value[2])} ${word("customers")}\n`
            + `${word("expected")} ${format.number(value[0])}\n${word("actual")} ${format.number(value[1])}`,
        },
      },
    ],
  };
}

function tracking(chart, theme, width) {
  const second = chart.second[theme.name];
  legend(chart, "", [[theme.accent, word("actual")], [second, word("expected")]]);
  const line = (at, colour, more) => ({
    type: "line", showSymbol: false, symbolSize: 7, data: chart.rows.map((row) => [row[0], row[at]]), itemStyle: { color: colour }, lineStyle: { color: colour, width: 2.5, ...more },
  });
  const unseen = chart.unseen === null ? {} : {
    markArea: {
      silent: true, itemStyle: { color: theme.grid, opacity: 0.7 }, label: { color: theme.soft, position: "insideTopLeft", distance: 6 },
      data: [[{ xAxis: chart.unseen, name: word("unseen") }, { xAxis: chart.rows.at(-1)[0] }]],
    },
  };
  return {
    ...base(theme),
    height: 380,
    grid: { left: 64, right: 20, top: 12, bottom: 34 },
    xAxis: axis(theme, {
      type: "time", splitLine: { show: false }, splitNumber: Math.max(2, Math.floor(width / 110)), minInterval: 28 * 86400000,
      axisLabel: { color: theme.soft, hideOverlap: true, formatter: (value) => format.month(value) },
    }),
    yAxis: figures(theme, word("repeat_orders"), 50, format.shortCount),
    series: [{ ...line(1, theme.accent), ...unseen }, line(2, second, { type: [7, 4] })],
    tooltip: across(theme, (items) => `${format.date(items[0].value[0])}\n`
      + items.map((item) => `${word(item.seriesIndex === 0 ? "actual" : "expected")} ${format.count(Math.round(item.value[1]))}`).join("\n")),
  };
}

/** The last step of a curve at or before a day. */
function stepAt(points, day) {
  return points.findLast((point) => point[0] <= day)[1];
}

function survival(chart, theme) {
  const dashes = ["solid", [7, 4], [2, 3]];
  const curves = chart.curves.map((curve, index) => ({ ...curve, colour: chart.colours[theme.name][index], dash: curve.plain ? "solid" : dashes[index % 3] }));
  legend(chart, "", curves.map((curve) => [curve.colour, curve.name[lang()]]));
  return {
    ...base(theme),
    height: 380,
    grid: { left: 56, right: 20, top: 12, bottom: 48 },
    xAxis: figures(theme, chart.x_name[lang()], 30, format.count, { min: 0, max: chart.end, splitLine: { show: false }, axisLabel: { showMaxLabel: false } }),
    yAxis: figures(theme, chart.y_name[lang()], 40, format.wholePercent, { min: 0, max: 100 }),
    series: curves.map((curve) => ({
      type: "line", step: "end", showSymbol: false, data: [...curve.points, [curve.end, curve.points.at(-1)[1]]],
      itemStyle: { color: curve.colour }, lineStyle: { color: curve.colour, width: curve.plain ? 2.5 : 2, type: curve.dash },
    })),
    tooltip: across(theme, (items) => `${word("day", { day: format.count(Math.round(items[0].axisValue)) })}\n`
      + curves.filter((curve) => items[0].axisValue <= curve.end)
        .map((curve) => `${curve.name[lang()]} ${format.percent(stepAt(curve.points, items[0].axisValue))}`).join("\n")),
  };
}

Object.assign(DRAWINGS, { histogram, tenths, calibration, tracking, survival });
