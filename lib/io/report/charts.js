// SPDX-License-Identifier: MIT
// Lines through uPlot; matrices and ridges on a canvas of their own.

const axisFont = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const tick = value => {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return String(Number(value.toExponential(3))).replace("+", "");
  if (size >= 1e4) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(4)));
};

// series: {name, x, y, colour (name of a CSS variable), dash, faint, dots}. Options: share (values
// are 0..1), x (label), log, sync (charts of one name share their cursor), height.
const lines = (holder, series, options = {}) => {
  let chart = null;
  const drawing = () => {
    const joined = series.length === 1
      ? [series[0].x, series[0].y]
      : uPlot.join(series.map(s => [s.x, s.y]), series.map(() => [1, 1]));
    const log = options.log && options.log();
    const data = joined.map((row, i) => i === 0 ? row
      : row.map(v => v === undefined || known(v) && !(log && v <= 0) ? v : null));
    const axis = {stroke: () => colour("soft"), font: axisFont,
      grid: {stroke: () => colour("edge"), width: 1}, ticks: {show: false}};
    const dash = s => s.dash ? [6, 4] : undefined;
    const size = () => Math.max(240, holder.clientWidth);
    if (chart) chart.destroy();
    holder.replaceChildren();
    // Whole numbers alone are epochs and steps.
    const whole = options.x !== "time";
    chart = new uPlot({
      width: size(), height: options.height || 260,
      cursor: {sync: options.sync ? {key: options.sync} : undefined, points: {size: 7}},
      scales: {x: {time: false}, y: log ? {distr: 3} : {
        range: (u, low, high) => {
          if (!known(low)) return [0, 1];
          const room = (high - low) * .06 || Math.abs(high) * .1 || 1;
          return [low >= 0 && low - room < 0 ? 0 : low - room,
                  options.share && high <= 1 ? Math.min(1.005, high + room) : high + room];
        }}},
      axes: [
        {...axis, size: 34, incrs: whole
            ? [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap(p => [p, 2 * p, 5 * p]) : undefined,
          values: (u, values) => values.map(v => whole ? grouped(v) : duration(v)),
          space: 70},
        {...axis, size: 58,
          values: (u, values) => values.map(v => v === null ? ""
            : options.share ? Number((100 * v).toPrecision(4)) + " %" : tick(v))}],
      series: [
        {label: options.x || "epoch", value: (u, v) => v === null ? "–"
            : whole ? grouped(v) : duration(v)},
        ...series.map(s => ({
          label: s.name, stroke: () => colour(s.colour) + (s.faint ? "59" : ""),
          width: s.faint ? 1 : 2, dash: dash(s),
          points: {show: s.dots && s.x.length <= 60, size: 6, fill: () => colour(s.colour)},
          value: (u, v) => v === null ? "–" : options.share ? percent(v) : plain(v)}))],
    }, data, holder);
    holder.dataset.points = series.reduce((sum, s) => sum + s.y.filter(known).length, 0);
    holder.dataset.series = JSON.stringify(series.map(s => [s.name, s.y]));
  };
  let width = 0;
  new ResizeObserver(() => {
    if (chart && holder.clientWidth !== width) {
      width = holder.clientWidth;
      chart.setSize({width: Math.max(240, width), height: chart.height});
    }
  }).observe(holder);
  redraws.push(drawing);
  return drawing;
};

// Exponential averages from both sides: one pass alone would trail behind a falling loss.
const smoothed = (values, reach) => {
  if (reach <= 1) return values;
  const keep = 1 - 1 / reach, sum = values.map(() => 0), weight = values.map(() => 0);
  for (const indices of [[...values.keys()], [...values.keys()].reverse()]) {
    let s = 0, w = 0;
    for (const i of indices) {
      s *= keep; w *= keep;
      if (known(values[i])) { s += values[i]; w += 1; }
      sum[i] += s; weight[i] += w;
    }
  }
  return values.map((_, i) => weight[i] > 0 ? sum[i] / weight[i] : null);
};

// A canvas in device pixels whose drawing is in CSS pixels.
const prepared = (canvas, width, height) => {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};

// Histograms behind one another, the latest in front. snapshots: [{step, min, max, counts, ...}]
const ridges = (canvas, reading, snapshots, colourName) => {
  const height = 120, top = 34, bottom = 16;
  const shown = snapshots.filter(s => s.counts && s.counts.length > 0);
  const low = Math.min(...shown.map(s => s.min)), high = Math.max(...shown.map(s => s.max));
  const spread = high > low ? high - low : Math.abs(high) || 1;
  const from = high > low ? low : low - spread / 2;
  const baseOf = i => top + (height - top - bottom) * (shown.length > 1 ? i / (shown.length - 1) : 1);
  let marked = -1;
  const draw = () => {
    const width = Math.max(80, canvas.clientWidth);
    const context = prepared(canvas, width, height);
    const across = value => 3 + (value - from) / spread * (width - 6);
    const back = colour("card"), front = colour(colourName), soft = colour("soft");
    shown.forEach((s, i) => {
      const base = baseOf(i), bin = (s.max - s.min) / s.counts.length;
      // Equal areas: what matters is where the values lie.
      const total = s.counts.reduce((a, b) => a + b, 0) * (bin || spread / 40);
      const tallest = Math.max(...s.counts) / total;
      const scale = (top - 6) / Math.max(...shown.map(o =>
        Math.max(...o.counts) / (o.counts.reduce((a, b) => a + b, 0) *
          ((o.max - o.min) / o.counts.length || spread / 40)))) || 0;
      const share = shown.length > 1 ? i / (shown.length - 1) : 1;
      context.beginPath();
      context.moveTo(across(s.min), base);
      if (bin > 0) s.counts.forEach((count, k) =>
        context.lineTo(across(s.min + (k + .5) * bin), base - count / total * scale));
      else {
        context.lineTo(across(s.min) - 1, base - tallest * scale);
        context.lineTo(across(s.min) + 1, base - tallest * scale);
      }
      context.lineTo(across(s.max), base);
      context.fillStyle = back; context.fill();
      context.globalAlpha = i === marked ? 1 : .10 + .35 * share;
      context.fillStyle = front; context.fill();
      context.globalAlpha = i === marked ? 1 : .35 + .65 * share;
      context.strokeStyle = i === marked ? colour("text") : front;
      context.lineWidth = i === marked ? 1.6 : 1; context.stroke();
      context.globalAlpha = 1;
    });
    context.fillStyle = soft; context.font = "11px system-ui, sans-serif";
    context.textAlign = "left"; context.fillText(tick(Number(from.toPrecision(2))), 0, height - 3);
    context.textAlign = "right";
    context.fillText(tick(Number((from + spread).toPrecision(2))), width, height - 3);
    if (from < 0 && from + spread > 0) {
      context.textAlign = "center"; context.fillText("0", across(0), height - 3);
      context.fillRect(across(0) - .5, height - bottom, 1, 4);
    }
    canvas.dataset.points = shown.length;
  };
  const mark = event => {
    const y = event.offsetY;
    marked = shown.findIndex((_, i) => baseOf(i) >= y);
    if (marked < 0) marked = shown.length - 1;
    const s = shown[marked];
    reading.textContent = `step ${grouped(s.step)}: mean ${plain(s.mean)}, deviation ` +
      `${plain(s.deviation)}, norm ${plain(s.norm)}, ${plain(s.min)} to ${plain(s.max)}` +
      (s.not_finite ? `, ${grouped(s.not_finite)} not finite` : "");
    draw();
  };
  canvas.addEventListener("pointermove", mark);
  canvas.addEventListener("pointerleave", () => { marked = -1; draw(); });
  new ResizeObserver(draw).observe(canvas);
  redraws.push(draw);
  return draw;
};

// A matrix of many rows: one square a cell, read by pointing at it.
const plane = (canvas, reading, matrix, describe) => {
  const draw = () => {
    const side = Math.max(200, Math.min(640, canvas.parentElement.clientWidth));
    canvas.style.width = side + "px";
    const context = prepared(canvas, side, side), n = matrix.length, step = side / n;
    context.fillStyle = colour("hover"); context.fillRect(0, 0, side, side);
    const heat = colour("heat");
    matrix.forEach((row, t) => row.forEach((share, p) => {
      if (!(share > 0)) return;
      // Few of many is what one looks for, so the root.
      context.fillStyle = `rgba(${heat}, ${.12 + .88 * Math.sqrt(share)})`;
      context.fillRect(p * step, t * step, Math.ceil(step), Math.ceil(step));
    }));
    canvas.dataset.points = n * n;
  };
  canvas.addEventListener("pointermove", event => {
    const n = matrix.length, at = offset =>
      Math.max(0, Math.min(n - 1, Math.floor(offset / canvas.clientWidth * n)));
    reading.textContent = describe(at(event.offsetY), at(event.offsetX));
  });
  new ResizeObserver(draw).observe(canvas.parentElement);
  redraws.push(draw);
  return draw;
};
