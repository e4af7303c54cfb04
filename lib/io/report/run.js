// SPDX-License-Identifier: MIT
// The page of one run, top to bottom.

const namesOf = epochs => {
  const names = new Set();
  for (const epoch of epochs) for (const key of Object.keys(epoch)) {
    const found = /^(train|validation)_(.+)$/.exec(key);
    if (found) names.add(found[2]);
  }
  const order = name => ["loss", "accuracy"].indexOf(name) + 1 || 9;
  return [...names].sort((a, b) => order(a) - order(b) || a.localeCompare(b));
};
const titled = name => spoken(name).replace(/^./, c => c.toUpperCase());

const figures = run => {
  const list = [], add = (value, name, main) => list.push(make("div",
    {class: "figure" + (main ? " main" : "")}, make("b", {text: value}), make("span", {text: name})));
  const test = run.test || {};
  for (const name of ["accuracy", "loss", ...Object.keys(test)])
    if (known(test[name]) && list.length < 3 && !list.some(e => e.lastChild.textContent === "test " + spoken(name)))
      add(measured(name, test[name]), "test " + spoken(name), list.length === 0);
  const epochs = run.epochs;
  const best = best_of(run, epochs.some(e => known(e.validation_accuracy)) ? "accuracy" : "loss");
  if (best) add(measured(best.name, best.value), `best validation ${best.name}, epoch ${best.epoch}`);
  if (epochs.length > 0) add(run.epochs_planned > epochs.length
    ? `${epochs.length} / ${run.epochs_planned}` : String(epochs.length), "epochs");
  if (run.time_s > 0) add(duration(run.time_s), "training time");
  const rates = epochs.map(e => e.samples_per_s).filter(known);
  if (rates.length > 0) add(grouped(rates[rates.length - 1]), "samples a second");
  return list.length > 0 ? make("div", {class: "figures"}, list) : null;
};

const best_of = (run, name) => {
  let best = null;
  const more = name !== "loss" && !(run.minimized || []).includes(name);
  run.epochs.forEach((epoch, i) => {
    const value = epoch["validation_" + name];
    if (known(value) && (!best || (more ? value > best.value : value < best.value)))
      best = {name, value, epoch: i + 1};
  });
  return best;
};

const epochCurves = (run, draws) => namesOf(run.epochs).map(name => {
  const x = run.epochs.map((_, i) => i + 1);
  const series = ["train", "validation"].map(part => ({
    name: part, colour: part, dots: true, x,
    y: run.epochs.map(e => known(e[part + "_" + name]) ? e[part + "_" + name] : null)
  })).filter(s => s.y.some(known));
  if (series.length === 0) return null;
  const holder = make("div", {class: "chart", "data-chart": name});
  draws.push(lines(holder, series, {share: isShare(name), sync: "epochs", log: name === "loss"
    ? () => chosen.get("log", false) : null}));
  return card("curve-" + name, titled(name), holder);
});

const stepCurve = (run, draws) => {
  const {x, y} = run.step_losses || {x: [], y: []};
  if (x.length < 2) return null;
  const holder = make("div", {class: "chart", "data-chart": "steps"});
  const means = run.step_means, smooth = {name: "smoothed", colour: "train", x: means.x, y: means.y};
  const draw = lines(holder, [{name: "each step", colour: "train", faint: true, x, y}, smooth],
    {x: "step", log: () => chosen.get("log", false), height: 280});
  const drawing = () => {
    const reach = Math.pow(means.y.length / 2 + 1, chosen.get("smooth", 40) / 100) ;
    smooth.y = smoothed(means.y, reach);
    draw();
  };
  redraws.push(drawing);
  draws.push(drawing);
  const section = card("steps", "Loss of each step", holder);
  addTools(section, slider("smooth", "smoothing", 40, drawing), toggle("log", "log scale", redraw));
  return section;
};

const rateCurve = (run, draws) => {
  const {x, y} = run.learning_rates || {x: [], y: []};
  if (x.length < 2 || y.every(v => v === y[0])) return null;
  const holder = make("div", {class: "chart", "data-chart": "rate"});
  draws.push(lines(holder, [{name: "learning rate", colour: "train", x, y}], {x: "step", height: 180}));
  return card("rate", "Learning rate", holder);
};

const confusion = (run, draws) => {
  if (!run.confusion) return null;
  const {classes, cells} = run.confusion, n = classes.length;
  const counts = Array.from({length: n}, () => new Array(n).fill(0));
  for (let i = 0; i < cells.length; i += 3) counts[cells[i]][cells[i + 1]] = cells[i + 2];
  const labelled = counts.map(row => row.reduce((a, b) => a + b, 0));
  const taken = classes.map((_, p) => counts.reduce((sum, row) => sum + row[p], 0));
  const share = (t, p) => labelled[t] > 0 ? counts[t][p] / labelled[t] : 0;
  const describe = (t, p) => `${classes[t]} taken for ${classes[p]}: ${grouped(counts[t][p])} of ` +
    `${grouped(labelled[t])} (${percent(share(t, p))})`;
  const reading = make("p", {class: "reading", text: "Rows are what a sample is, columns what it was taken for."});

  let drawn;
  if (n <= 24) {
    const slanted = n > 6 || classes.some(c => c.length > 9);
    drawn = make("div", {class: "scroll"}, make("table", {class: "matrix" + (slanted ? " slanted" : "")},
      make("thead", {}, make("tr", {}, make("th"), classes.map(c => make("th", {title: c},
        make("span", {text: c}))))),
      make("tbody", {}, counts.map((row, t) => make("tr", {}, make("th", {text: classes[t], title: classes[t]}),
        row.map((count, p) => {
          const depth = Math.sqrt(share(t, p));
          return make("td", {text: count > 0 ? grouped(count) : "", title: describe(t, p),
            "data-count": count,
            style: `background: rgba(var(--heat), ${(.04 + .96 * depth).toFixed(3)});` +
              (depth > .62 ? "color: var(--heat-text)" : ""),
            onpointerenter: () => { reading.textContent = describe(t, p); }});
        }))))));
  } else {
    const canvas = make("canvas", {class: "plane", "data-chart": "confusion"});
    drawn = make("div", {}, canvas);
    draws.push(plane(canvas, reading, counts.map((row, t) => row.map((_, p) => share(t, p))), describe));
  }

  const ratio = (a, b) => b > 0 ? a / b : 0;
  const rows = classes.map((name, c) => ({name, count: labelled[c], precision: ratio(counts[c][c], taken[c]),
    recall: ratio(counts[c][c], labelled[c]), f1: ratio(2 * counts[c][c], labelled[c] + taken[c])}));
  rows.sort((a, b) => a.f1 - b.f1);
  const perClass = make("div", {class: "scroll tall"}, make("table", {class: "number wide sticky"},
    make("thead", {}, make("tr", {}, ["class", "samples", "precision", "recall", "F1"].map(t => make("th", {text: t})))),
    make("tbody", {}, rows.map(r => make("tr", {}, make("td", {text: r.name}), make("td", {text: grouped(r.count)}),
      [r.precision, r.recall, r.f1].map(v => make("td", {text: v.toFixed(3)})))))));
  const pairs = [];
  counts.forEach((row, t) => row.forEach((count, p) => { if (t !== p && count > 0) pairs.push([count, t, p]); }));
  pairs.sort((a, b) => b[0] - a[0]);
  const mistakes = pairs.length === 0 ? null : make("p", {class: "soft", style: "margin-top: 12px", text:
    "Most often: " + pairs.slice(0, 3).map(([count, t, p]) =>
      `${classes[t]} taken for ${classes[p]} (${grouped(count)})`).join(", ") + "."});
  return card("confusion", "Confusion matrix", make("div", {class: "confusion"},
    make("div", {}, drawn, reading, mistakes), make("div", {}, perClass)));
};

const predictions = run => {
  const list = run.predictions || [];
  if (list.length === 0) return null;
  return card("predictions", run.predictions_title || "Predictions", make("div", {class: "samples"}, list.map(p => {
    const wrong = p.label !== p.prediction;
    return make("figure", {class: "sample" + (wrong ? " wrong" : ""), title: p.name},
      p.picture && make("img", {alt: p.label, src: "data:image/png;base64," + p.picture, loading: "lazy"}),
      make("b", {text: (wrong ? "✗ " : "✓ ") + p.prediction}),
      make("small", {text: (100 * p.probability).toFixed(0) + " %" + (wrong ? `, is ${p.label}` : "")}),
      known(p.loss) && make("small", {text: "loss " + plain(p.loss)}));
  })));
};

const residuals = run => {
  const list = run.residuals || [];
  if (list.length === 0) return null;
  const numbers = values => values.map(plain).join(", ");
  const pictured = list.some(r => r.picture);
  return card("predictions", run.predictions_title || "Predictions", make("div", {class: "scroll tall"},
    make("table", {class: "number wide sticky"},
      make("thead", {}, make("tr", {}, ["sample", ...(pictured ? [""] : []), "is", "predicted", "off by"]
        .map(t => make("th", {text: t})))),
      make("tbody", {}, list.map(r => make("tr", {}, make("td", {text: r.name}),
        pictured && make("td", {}, r.picture && make("img", {alt: r.name, class: "small",
          src: "data:image/png;base64," + r.picture, loading: "lazy"})),
        make("td", {text: numbers(r.target)}), make("td", {text: numbers(r.prediction)}),
        make("td", {text: plain(r.error), "data-error": known(r.error) ? String(r.error) : null})))))));
};

const filters = run => {
  const list = run.filters || [];
  if (list.length === 0) return null;
  const section = card("filters", "First-layer filters", make("div", {class: "filters"},
    list.map((png, i) => make("img", {alt: "filter " + i, src: "data:image/png;base64," + png, loading: "lazy"}))));
  addTools(section, make("small", {text: "mid-grey is 0"}));
  return section;
};

const tensors = (run, draws) => {
  const list = (run.tensors || []).filter(t => t.snapshots.length > 0);
  if (list.length === 0) return null;
  const section = card("tensors", "Weights and gradients over time", make("div", {class: "tensors"},
    list.map(tensor => {
      const reading = make("p", {class: "reading"});
      const side = (key, name, colourName) => {
        const canvas = make("canvas", {"data-chart": key + " " + tensor.name});
        draws.push(ridges(canvas, reading, tensor.snapshots.map(s => ({step: s.step, ...s[key]})), colourName));
        return make("figure", {}, make("figcaption", {text: name}), canvas);
      };
      return make("div", {class: "tensor"}, make("h3", {text: tensor.name}),
        make("div", {class: "pair"}, side("weight", "weights", "train"), side("gradient", "gradients", "validation")),
        reading);
    })));
  addTools(section, make("small", {text: `steps ${list[0].snapshots.map(s => s.step)[0]} (back) to ` +
    `${grouped(list[0].snapshots[list[0].snapshots.length - 1].step)} (front)`}));

  const norms = make("div", {class: "chart", "data-chart": "norms"});
  const shown = list.filter(t => t.snapshots.length > 1).slice(0, 10);
  if (shown.length === 0) return [section];
  draws.push(lines(norms, shown.map((t, i) => ({name: t.name, colour: "run" + i % 10,
    x: t.snapshots.map(s => s.step), y: t.snapshots.map(s => s.gradient.norm)})),
    {x: "step", log: () => true}));
  return [section, card("norms", "Norm of the gradient, by tensor", norms)];
};

const resources = (run, draws) => {
  const rates = run.epochs.map(e => known(e.samples_per_s) ? e.samples_per_s : null);
  const facts = run.resources || [];
  if (facts.length === 0 && !rates.some(known)) return null;
  const holder = make("div", {class: "chart", "data-chart": "speed"});
  const has = rates.filter(known).length > 1;
  if (has) draws.push(lines(holder, [{name: "samples a second", colour: "train", dots: true,
    x: rates.map((_, i) => i + 1), y: rates}], {sync: "epochs", height: 200}));
  return make("div", {class: "columns", id: "resources"},
    facts.length > 0 && card(null, "Timings and memory", table(facts)), has && card(null, "Speed", holder));
};

// Where a step spends its time on the device, and how near each kernel comes to what a device can do.
const kernels = run => {
  const list = run.kernels || [];
  if (list.length === 0) return null;
  const total = list.reduce((sum, k) => sum + k.ms, 0);
  const rate = (amount, ms) => amount > 0 && ms > 0 ? (amount / ms / 1e6).toFixed(1) : "–";
  const section = card("kernels", "Kernels of a training step", make("div", {class: "scroll tall"},
    make("table", {class: "number wide sticky"},
      make("thead", {}, make("tr", {}, ["operations", "kernel", "dispatches", "ms", "of the step", "GFLOP/s", "GB/s"]
        .map(t => make("th", {text: t})))),
      make("tbody", {}, list.map(k => make("tr", {"data-kernel": k.name},
        make("td", {text: k.label || "–", title: k.label}), make("td", {text: k.name}),
        make("td", {text: grouped(k.count)}), make("td", {text: k.ms.toFixed(3)}),
        make("td", {class: "share"}, make("i", {style: `width: ${(60 * k.ms / total).toFixed(1)}px`}),
          make("span", {text: (100 * k.ms / total).toFixed(1) + " %"})),
        make("td", {text: rate(k.flops, k.ms)}), make("td", {text: rate(k.bytes, k.ms)})))))));
  addTools(section, make("small", {text: `${total.toFixed(3)} ms in one step, by the device's clock`}));
  return section;
};

const epochTable = run => {
  if (run.epochs.length === 0) return null;
  const names = namesOf(run.epochs);
  const columns = names.flatMap(n => ["train_" + n, "validation_" + n])
    .filter(key => run.epochs.some(e => known(e[key])));
  return make("section", {class: "card", id: "epochs"}, make("details", {"data-keep": "epochs"},
    make("summary", {text: "Every epoch in figures"}),
    make("div", {class: "scroll tall"}, make("table", {class: "number wide sticky"},
      make("thead", {}, make("tr", {}, ["epoch", ...columns.map(spoken), "time"].map(t => make("th", {text: t})))),
      make("tbody", {}, run.epochs.map((epoch, i) => make("tr", {"data-epoch": i + 1}, make("td", {text: i + 1}),
        columns.map(key => cell(key, epoch[key])), make("td", {text: duration(epoch.time_s)}))))))));
};

const ago = seconds => seconds < 90 ? Math.max(0, Math.round(seconds)) + " s ago"
  : seconds < 5400 ? Math.round(seconds / 60) + " min ago" : Math.round(seconds / 3600) + " h ago";

const heading = run => {
  document.title = run.title;
  const state = make("span", {class: "state " + run.status, text: run.status});
  return [make("div", {class: "title"}, make("h1", {text: run.title}), state),
    run.summary && make("p", {class: "summary", text: run.summary})];
};

const runPage = (run, draws) => [
  ...heading(run), figures(run), make("div", {class: "columns", id: "curves"}, epochCurves(run, draws)),
  stepCurve(run, draws), rateCurve(run, draws), confusion(run, draws), predictions(run), residuals(run),
  filters(run), tensors(run, draws), resources(run, draws), kernels(run),
  (run.facts || []).length > 0 && card("facts", "Key facts", table(run.facts)),
  (run.options || []).length > 0 && make("section", {class: "card", id: "options"},
    make("details", {"data-keep": "options"}, make("summary", {text: "All options"}), table(run.options))),
  run.model && card("model", "Model", make("pre", {text: run.model})), epochTable(run)];
