// SPDX-License-Identifier: MIT
#include "reference.h"

#include <algorithm>
#include <cmath>

namespace ingot::testing {
namespace {

using Element = std::function<void(double& p, double g, double& s0, double& s1, double& s2)>;

void each(Weights& w, const Element& element) {
    for (auto* state : {&w.s0, &w.s1, &w.s2})
        state->resize(w.count());
    for (std::size_t i = 0; i < w.count(); ++i)
        element(w.p[i], w.g[i], w.s0[i], w.s1[i], w.s2[i]);
}

template <typename Options>
void decay(Weights& w, const Options& o, double lr) {
    for (std::size_t i = 0; i < w.count(); ++i) {
        if (o.decoupled_weight_decay) {
            w.p[i] *= 1 - lr * o.weight_decay;
        } else {
            w.g[i] += o.weight_decay * w.p[i];
        }
    }
}

double norm(const std::vector<double>& values) {
    double squares = 0;
    for (const double value : values)
        squares += value * value;
    return std::sqrt(squares);
}

// a [n, k] times b [k, m]
std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b,
                            std::size_t n, std::size_t k, std::size_t m) {
    std::vector<double> result(n * m);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m; ++j) {
            for (std::size_t l = 0; l < k; ++l)
                result[i * m + j] += a[i * k + l] * b[l * m + j];
        }
    }
    return result;
}

std::vector<double> transposed(const std::vector<double>& a, std::size_t rows, std::size_t cols) {
    std::vector<double> result(a.size());
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < cols; ++j)
            result[j * rows + i] = a[i * cols + j];
    }
    return result;
}

std::vector<double> newton_schulz(std::vector<double> x, std::size_t rows, std::size_t cols,
                                  const optim::MuonOptions& o) {
    if (rows > cols) {
        return transposed(newton_schulz(transposed(x, rows, cols), cols, rows, o), cols, rows);
    }
    const double length = std::max(norm(x), o.epsilon);
    for (double& value : x)
        value /= length;
    for (int round = 0; round < o.ns_steps; ++round) {
        const auto gram = product(x, transposed(x, rows, cols), rows, cols, rows);
        auto poly = product(gram, gram, rows, rows, rows);
        for (std::size_t i = 0; i < poly.size(); ++i)
            poly[i] = o.c * poly[i] + o.b * gram[i];
        auto next = product(poly, x, rows, rows, cols);
        for (std::size_t i = 0; i < x.size(); ++i)
            next[i] += o.a * x[i];
        x = next;
    }
    return x;
}

}  // namespace

std::size_t Weights::cols() const {
    return shape.rank() < 1 ? 1 : static_cast<std::size_t>(shape[shape.rank() - 1]);
}

std::size_t Weights::rows() const {
    return shape.rank() < 2 ? 1 : static_cast<std::size_t>(shape[shape.rank() - 2]);
}

Formula reference(const optim::SgdOptions& o) {
    return [=](Weights& w, double factor, int t) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& buffer, double&, double&) {
            if (o.momentum != 0) {
                buffer = t == 1 ? g : o.momentum * buffer + (1 - o.dampening) * g;
                g = o.nesterov ? g + o.momentum * buffer : buffer;
            }
            p -= o.lr * factor * g;
        });
    };
}

Formula reference(const optim::RmsPropOptions& o) {
    return [=](Weights& w, double factor, int) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& square, double& mean, double& buffer) {
            square = o.alpha * square + (1 - o.alpha) * g * g;
            mean = o.alpha * mean + (1 - o.alpha) * g;
            const double variance = square - (o.centered ? mean * mean : 0);
            buffer = o.momentum * buffer + g / (std::sqrt(variance) + o.epsilon);
            p -= o.lr * factor * buffer;
        });
    };
}

Formula reference(const optim::AdagradOptions& o) {
    return [=](Weights& w, double factor, int t) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& sum, double&, double&) {
            if (t == 1) sum = o.initial_accumulator_value;
            sum += g * g;
            const double lr = o.lr * factor / (1 + (t - 1) * o.lr_decay);
            p -= lr * g / (std::sqrt(sum) + o.epsilon);
        });
    };
}

Formula reference(const optim::AdadeltaOptions& o) {
    return [=](Weights& w, double factor, int) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& square, double& moved, double&) {
            square = o.rho * square + (1 - o.rho) * g * g;
            const double d = std::sqrt(moved + o.epsilon) / std::sqrt(square + o.epsilon) * g;
            moved = o.rho * moved + (1 - o.rho) * d * d;
            p -= o.lr * factor * d;
        });
    };
}

Formula reference(const optim::AdamOptions& o) {
    return [=](Weights& w, double factor, int t) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& m, double& v, double& largest) {
            m = o.beta1 * m + (1 - o.beta1) * g;
            v = o.beta2 * v + (1 - o.beta2) * g * g;
            largest = std::max(largest, v);
            const double m_hat = m / (1 - std::pow(o.beta1, t));
            const double v_hat = (o.amsgrad ? largest : v) / (1 - std::pow(o.beta2, t));
            p -= o.lr * factor * m_hat / (std::sqrt(v_hat) + o.epsilon);
        });
    };
}

Formula reference(const optim::AdamWOptions& o) {
    return reference(optim::AdamOptions{.lr = o.lr,
                                        .beta1 = o.beta1,
                                        .beta2 = o.beta2,
                                        .epsilon = o.epsilon,
                                        .weight_decay = o.weight_decay,
                                        .amsgrad = o.amsgrad,
                                        .decoupled_weight_decay = true});
}

Formula reference(const optim::NAdamOptions& o) {
    return [=](Weights& w, double factor, int t) {
        const double lr = o.lr * factor;
        decay(w, o, lr);
        const auto mu_at = [&](int step) {
            return o.beta1 * (1 - 0.5 * std::pow(0.96, step * o.momentum_decay));
        };
        w.number = (t == 1 ? 1 : w.number) * mu_at(t);
        const double product = w.number;
        each(w, [&](double& p, double g, double& m, double& v, double&) {
            m = o.beta1 * m + (1 - o.beta1) * g;
            v = o.beta2 * v + (1 - o.beta2) * g * g;
            const double root = std::sqrt(v / (1 - std::pow(o.beta2, t))) + o.epsilon;
            p -= lr * (1 - mu_at(t)) / (1 - product) * g / root;
            p -= lr * mu_at(t + 1) / (1 - product * mu_at(t + 1)) * m / root;
        });
    };
}

Formula reference(const optim::RAdamOptions& o) {
    return [=](Weights& w, double factor, int t) {
        const double lr = o.lr * factor;
        decay(w, o, lr);
        const double last = 2 / (1 - o.beta2) - 1;
        const double correction2 = 1 - std::pow(o.beta2, t);
        const double rho = last - 2 * t * std::pow(o.beta2, t) / correction2;
        each(w, [&](double& p, double g, double& m, double& v, double&) {
            m = o.beta1 * m + (1 - o.beta1) * g;
            v = o.beta2 * v + (1 - o.beta2) * g * g;
            double step = m / (1 - std::pow(o.beta1, t));
            if (rho > 5) {
                step *= std::sqrt((rho - 4) * (rho - 2) * last / ((last - 4) * (last - 2) * rho));
                step *= std::sqrt(correction2) / (std::sqrt(v) + o.epsilon);
            }
            p -= lr * step;
        });
    };
}

Formula reference(const optim::AdamaxOptions& o) {
    return [=](Weights& w, double factor, int t) {
        decay(w, o, o.lr * factor);
        each(w, [&](double& p, double g, double& m, double& u, double&) {
            m = o.beta1 * m + (1 - o.beta1) * g;
            u = std::max(o.beta2 * u, std::abs(g) + o.epsilon);
            p -= o.lr * factor / (1 - std::pow(o.beta1, t)) * m / u;
        });
    };
}

Formula reference(const optim::LionOptions& o) {
    return [=](Weights& w, double factor, int) {
        const double lr = o.lr * factor;
        each(w, [&](double& p, double g, double& m, double&, double&) {
            const double c = o.beta1 * m + (1 - o.beta1) * g;
            p = p * (1 - lr * o.weight_decay) - lr * (c > 0 ? 1 : c < 0 ? -1 : 0);
            m = o.beta2 * m + (1 - o.beta2) * g;
        });
    };
}

Formula reference(const optim::LambOptions& o) {
    return [=](Weights& w, double factor, int t) {
        std::vector<double> r;
        each(w, [&](double& p, double g, double& m, double& v, double&) {
            m = o.beta1 * m + (1 - o.beta1) * g;
            v = o.beta2 * v + (1 - o.beta2) * g * g;
            const double root = std::sqrt(v / (1 - std::pow(o.beta2, t))) + o.epsilon;
            r.push_back(m / (1 - std::pow(o.beta1, t)) / root + o.weight_decay * p);
        });
        const double of_p = norm(w.p), of_r = norm(r);
        const double trust = of_p > 0 && of_r > 0 ? of_p / of_r : 1;
        for (std::size_t i = 0; i < w.count(); ++i)
            w.p[i] -= o.lr * factor * trust * r[i];
    };
}

Formula reference(const optim::AdafactorOptions& o) {
    return [=](Weights& w, double factor, int t) {
        const double lr = o.lr * factor;
        const auto n = static_cast<double>(w.count());
        const double share = std::pow(t, o.beta2_decay);
        const double alpha =
            std::max(o.epsilon2, norm(w.p) / std::sqrt(n)) * std::min(lr, 1 / std::sqrt(t));
        const std::size_t rows = w.rows(), cols = w.cols(), matrices = w.count() / (rows * cols);
        std::vector<double> v(w.count());
        w.s0.resize(w.count());
        w.s1.resize(w.count());
        for (std::size_t k = 0; k < matrices; ++k) {
            const std::size_t base = k * rows * cols;
            const auto at = [&](std::size_t i, std::size_t j) { return base + i * cols + j; };
            if (w.shape.rank() < 2) {
                for (std::size_t j = 0; j < cols; ++j) {
                    w.s0[j] += share * (w.g[j] * w.g[j] - w.s0[j]);
                    v[j] = w.s0[j];
                }
                continue;
            }
            double mean_of_rows = 0;  // of the moving averages, kept at [i, 0] and [0, j]
            for (std::size_t i = 0; i < rows; ++i) {
                double mean = 0;
                for (std::size_t j = 0; j < cols; ++j)
                    mean += w.g[at(i, j)] * w.g[at(i, j)] / static_cast<double>(cols);
                double& kept = w.s0[at(i, 0)];
                kept += share * (mean - kept);
                mean_of_rows += kept / static_cast<double>(rows);
            }
            for (std::size_t j = 0; j < cols; ++j) {
                double mean = 0;
                for (std::size_t i = 0; i < rows; ++i)
                    mean += w.g[at(i, j)] * w.g[at(i, j)] / static_cast<double>(rows);
                double& kept = w.s1[at(0, j)];
                kept += share * (mean - kept);
            }
            for (std::size_t i = 0; i < rows; ++i) {
                for (std::size_t j = 0; j < cols; ++j) {
                    v[at(i, j)] =
                        w.s0[at(i, 0)] * w.s1[at(0, j)] / std::max(mean_of_rows, o.epsilon1);
                }
            }
        }
        std::vector<double> u(w.count());
        for (std::size_t i = 0; i < w.count(); ++i)
            u[i] = w.g[i] / std::sqrt(std::max(v[i], o.epsilon1 * o.epsilon1));
        const double shrink = std::max(1.0, norm(u) / (std::sqrt(n) * o.d));
        for (std::size_t i = 0; i < w.count(); ++i)
            w.p[i] = w.p[i] * (1 - lr * o.weight_decay) - alpha / shrink * u[i];
    };
}

Formula reference(const optim::MuonOptions& o, const optim::AdamWOptions& others) {
    return [=, rest = reference(others)](Weights& w, double factor, int t) {
        if (w.shape.rank() != 2) return rest(w, factor, t);
        std::vector<double> moving;
        each(w, [&](double&, double g, double& buffer, double&, double&) {
            buffer = o.momentum * buffer + (1 - o.momentum) * g;
            moving.push_back(o.nesterov ? o.momentum * buffer + (1 - o.momentum) * g : buffer);
        });
        const auto rows = static_cast<double>(w.rows()), cols = static_cast<double>(w.cols());
        const double lr = o.lr * factor;
        const double scale = o.adjust_lr == optim::MuonScale::kOriginal
                                 ? std::sqrt(std::max(1.0, rows / cols))
                                 : 0.2 * std::sqrt(std::max(rows, cols));
        const auto x = newton_schulz(moving, w.rows(), w.cols(), o);
        for (std::size_t i = 0; i < w.count(); ++i)
            w.p[i] = w.p[i] * (1 - lr * o.weight_decay) - lr * scale * x[i];
    };
}

void step(std::vector<Weights>& all, const Formula& formula, const optim::StepOptions& o,
          double factor, int t) {
    double squares = 0;
    for (Weights& w : all) {
        for (double& g : w.g) {
            if (o.clip_value > 0) g = std::clamp(g, -o.clip_value, o.clip_value);
            squares += g * g;
        }
    }
    const double scale =
        o.clip_norm > 0 ? std::min(1.0, o.clip_norm / (std::sqrt(squares) + 1e-6)) : 1;
    for (Weights& w : all) {
        for (std::size_t i = 0; i < w.count(); ++i) {
            const double sign = w.p[i] > 0 ? 1 : w.p[i] < 0 ? -1 : 0;
            w.g[i] = (o.others.maximize ? -1 : 1) * scale * w.g[i] + o.others.l1 * sign;
        }
        formula(w, factor, t);
        if (o.others.max_norm > 0 && w.shape.rank() > 1) {
            const auto row = w.count() / static_cast<std::size_t>(w.shape[0]);
            for (std::size_t begin = 0; begin < w.count(); begin += row) {
                double length = 0;
                for (std::size_t i = begin; i < begin + row; ++i)
                    length += w.p[i] * w.p[i];
                length = std::sqrt(length);
                if (length <= o.others.max_norm) continue;
                for (std::size_t i = begin; i < begin + row; ++i)
                    w.p[i] *= o.others.max_norm / (length + 1e-7);
            }
        }
        if (o.ema_decay > 0) {
            if (t == 1) w.average = w.p;
            for (std::size_t i = 0; i < w.count(); ++i)
                w.average[i] = o.ema_decay * w.average[i] + (1 - o.ema_decay) * w.p[i];
        }
    }
}

}  // namespace ingot::testing
