// SPDX-License-Identifier: MIT
// Optimizers. An optimizer only adds nodes: minimize() takes a loss to the graph of a whole
// training step, with the gradients and one pointwise update per slab of parameters. Formulas and
// defaults are PyTorch's; where PyTorch has none, the paper's.
//
//     auto step = device.compile(ingot::optim::Sgd{{.lr = 0.1}}.minimize(loss));
//
// What every optimizer can do beside its formula (clipping, accumulation, averages) is its second
// argument. Parameters that need other options are named in a group:
//
//     ingot::optim::AdamW optimizer{{.lr = 1e-3}, {.clip_norm = 1, .ema_decay = 0.999}};
//     optimizer.add_group({head.weight, head.bias}, {.lr = 1e-2, .weight_decay = 0});
//
// An optimizer is a handle: copies share its state. Several programs may be made with one (the
// short last batch, say); they move the same state.
#pragma once

#include <ingot/export.h>
#include <ingot/graph.h>
#include <ingot/host_tensor.h>
#include <ingot/loss_scaler.h>
#include <ingot/parameter.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot::optim {

class Rule;

// Of a group of parameters, whatever the optimizer.
struct GroupOptions {
    double l1 = 0;        // at least 0: l1 sign(p) is added to the gradient, after clipping
    double max_norm = 0;  // above 0: after each update, rows p[i, ...] of parameters with two axes
                          // or more whose 2-norm is larger are scaled down to it (torch.renorm)
    bool maximize = false;  // climb instead of descending
};

// Of the whole step, over all groups.
struct StepOptions {
    double clip_value = 0;  // above 0: each element of the gradient is kept within +- this; first
    double clip_norm = 0;   // above 0: the gradient of all groups is scaled down to this 2-norm
                            // (torch.nn.utils.clip_grad_norm_), on the device; then
    // Runs whose gradients are averaged for one update, each counting alike. The sums are kept on
    // the device and every accumulate-th run updates; the runs between change nothing else but
    // running statistics. Learning rates and schedules count updates.
    std::int64_t accumulate = 1;
    // Above 0, below 1: averages of the parameters are kept, average += (1 - ema_decay)
    // (p - average) after each update, beginning with the first update's p (torch.optim.swa_utils'
    // AveragedModel with get_ema_avg_fn).
    double ema_decay = 0;
    // For losses in f16. A step whose gradients are not all finite changes neither parameters nor
    // anything that the optimizer keeps, and running statistics (Graph::attached_if) stay, too;
    // with `accumulate`, one such run spoils the update that it belongs to. Clipping sees the
    // gradients unscaled.
    std::optional<LossScaler> loss_scaler{};
    GroupOptions others{};  // of the parameters that no group names
};

class INGOT_API Optimizer {
public:
    // Outputs: the loss. Updates: every trainable parameter that it depends on, and this
    // optimizer's state. Frozen parameters (Parameter::set_trainable(false)) have no gradient, no
    // state and no update. The first call lays the parameters out in slabs, so it comes before any
    // program that uses them is compiled; a later one finds them there. Throws when there is
    // nothing to train, or when the loss reaches only some of the parameters that are updated
    // together since an earlier call.
    Graph minimize(const Tensor& loss);

    // Lays parameters out without a loss yet, for when another program that uses them is compiled
    // first. minimize() must then reach all of them.
    void adopt(std::span<const Parameter> parameters);

    // Groups are numbered in the order in which they were added. Group 0 holds the parameters that
    // none names (of Muon, group 1 those of them that are no matrices).
    std::size_t group_count() const;
    // Read afresh at each run of the programs.
    void set_learning_rate(double rate, std::size_t group = 0);
    double learning_rate(std::size_t group = 0) const;
    double initial_learning_rate(std::size_t group = 0) const;  // as given; what schedules scale

    // Runs for one update; 1 without accumulation.
    std::int64_t accumulate() const;

    // As StepOptions::loss_scaler, for the graphs that minimize() makes from now on.
    void set_loss_scaler(std::optional<LossScaler> scaler);
    const std::optional<LossScaler>& loss_scaler() const;

    // What a checkpoint keeps: "adam.step", "adam.exp_avg.0" (of the first slab) ... Complete once
    // minimize() was called.
    std::vector<Parameter> state() const;
    // As before the first update: state and learning rates, not the parameters. Waits.
    void reset();
    const std::string& name() const;  // "sgd", "adam", "adamw"

    // With ema_decay: the averages under the parameters' names, to be saved, say. Waits.
    std::vector<HostTensor> averages() const;
    // Exchanges parameters and averages, to evaluate with the averages; once more brings the
    // parameters back. Every program sees them, a trainer's too:
    //     optimizer.swap_averages();
    //     trainer.evaluate(test);
    //     optimizer.swap_averages();
    // Training in between would mix the two up. Waits.
    void swap_averages();

protected:
    struct Group {
        double lr;
        std::unique_ptr<Rule> rule;
    };
    Optimizer(std::vector<Group> defaults, const StepOptions& options);
    void add(std::vector<Parameter> parameters, Group group, const GroupOptions& options);
    static std::vector<Group> one(double lr, std::unique_ptr<Rule> rule);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

struct SgdOptions {
    double lr = 1e-3;
    double momentum = 0;      // 0: none, and no state
    double dampening = 0;     // of the gradient as it enters the momentum, from the second step on
    bool nesterov = false;    // needs momentum and no dampening
    double weight_decay = 0;  // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// g = d_p + weight_decay p;  buffer = momentum buffer + (1 - dampening) g, the first time g;
// p -= lr buffer, or lr (g + momentum buffer) with Nesterov's (Sutskever et al., "On the importance
// of initialization and momentum in deep learning", ICML 2013).
class INGOT_API Sgd : public Optimizer {
public:
    explicit Sgd(const SgdOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const SgdOptions& options,
                   const GroupOptions& group = {});
};

struct RmsPropOptions {
    double lr = 1e-2;
    double alpha = 0.99;                  // of the old mean square
    double epsilon = 1e-8;                // outside the root
    double weight_decay = 0;              // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
    double momentum = 0;                  // 0: none
    bool centered = false;  // by the variance of the gradient instead of its mean square
};

// Tieleman and Hinton, "Lecture 6.5: rmsprop", 2012; centered: Graves, "Generating sequences with
// recurrent neural networks", 2013. v = alpha v + (1 - alpha) g^2;
// buffer = momentum buffer + g / (sqrt(v) + epsilon);  p -= lr buffer.
class INGOT_API RmsProp : public Optimizer {
public:
    explicit RmsProp(const RmsPropOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const RmsPropOptions& options,
                   const GroupOptions& group = {});
};

struct AdagradOptions {
    double lr = 1e-2;
    double lr_decay = 0;                  // at step t from 0 the rate is lr / (1 + t lr_decay)
    double weight_decay = 0;              // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
    double initial_accumulator_value = 0;
    double epsilon = 1e-10;
};

// Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 2011: sum += g^2;
// p -= lr g / (sqrt(sum) + epsilon).
class INGOT_API Adagrad : public Optimizer {
public:
    explicit Adagrad(const AdagradOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdagradOptions& options,
                   const GroupOptions& group = {});
};

struct AdadeltaOptions {
    double lr = 1;
    double rho = 0.9;                     // of the old means
    double epsilon = 1e-6;                // inside the roots
    double weight_decay = 0;              // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// Zeiler, "ADADELTA: an adaptive learning rate method", 2012: v = rho v + (1 - rho) g^2;
// d = sqrt(u + epsilon) / sqrt(v + epsilon) g;  u = rho u + (1 - rho) d^2;  p -= lr d.
class INGOT_API Adadelta : public Optimizer {
public:
    explicit Adadelta(const AdadeltaOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdadeltaOptions& options,
                   const GroupOptions& group = {});
};

struct AdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;              // L2: added to the gradient
    bool amsgrad = false;                 // the largest v so far (Reddi et al., ICLR 2018)
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015:
// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
// p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon).
class INGOT_API Adam : public Optimizer {
public:
    explicit Adam(const AdamOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdamOptions& options,
                   const GroupOptions& group = {});
};

struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 1e-2;  // decoupled: p is scaled by 1 - lr weight_decay first
    bool amsgrad = false;
};

// Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
class INGOT_API AdamW : public Optimizer {
public:
    explicit AdamW(const AdamWOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdamWOptions& options,
                   const GroupOptions& group = {});
};

struct NAdamOptions {
    double lr = 2e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;  // L2: added to the gradient
    double momentum_decay = 4e-3;
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016:
// mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  M_t = mu_1 ... mu_t;
// p -= lr (mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)) / (sqrt(v / (1 - beta2^t)) +
// epsilon), as in PyTorch from 2.0 on (1.x has mu_t in M_(t+1) twice).
class INGOT_API NAdam : public Optimizer {
public:
    explicit NAdam(const NAdamOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const NAdamOptions& options,
                   const GroupOptions& group = {});
};

struct RAdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;              // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020: Adam with a
// factor that grows with the number of steps behind v; before it is above 5, momentum alone.
class INGOT_API RAdam : public Optimizer {
public:
    explicit RAdam(const RAdamOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const RAdamOptions& options,
                   const GroupOptions& group = {});
};

struct AdamaxOptions {
    double lr = 2e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;              // L2: added to the gradient
    bool decoupled_weight_decay = false;  // p is scaled by 1 - lr weight_decay instead
};

// Kingma and Ba, section 7.1: u = max(beta2 u, |g| + epsilon);  p -= lr / (1 - beta1^t) m / u.
class INGOT_API Adamax : public Optimizer {
public:
    explicit Adamax(const AdamaxOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdamaxOptions& options,
                   const GroupOptions& group = {});
};

struct LionOptions {
    double lr = 1e-4;
    double beta1 = 0.9;       // of the old momentum in the update
    double beta2 = 0.99;      // ... and in the momentum
    double weight_decay = 0;  // decoupled
};

// Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023:
// p -= lr sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g.
class INGOT_API Lion : public Optimizer {
public:
    explicit Lion(const LionOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const LionOptions& options,
                   const GroupOptions& group = {});
};

struct LambOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-6;
    double weight_decay = 0;  // inside the scaled step
};

// You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR 2020:
// Adam's step r = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weight_decay p, of each
// parameter scaled to the parameter's norm: p -= lr |p| / |r| r, or lr r where a norm is 0.
class INGOT_API Lamb : public Optimizer {
public:
    explicit Lamb(const LambOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const LambOptions& options,
                   const GroupOptions& group = {});
};

struct AdafactorOptions {
    double lr = 1e-2;           // the largest relative step
    double beta2_decay = -0.8;  // at step t, t^beta2_decay of the new square enters
    double epsilon1 =
        1.1920929e-7;         // keeps the root from 0; PyTorch's default, the machine epsilon
    double epsilon2 = 1e-3;   // the least scale of a parameter
    double d = 1;             // the largest root mean square of a step
    double weight_decay = 0;  // decoupled
};

// Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML 2018: of
// a parameter with two axes or more, the mean squares of its rows and columns (last two axes) stand
// for those of its elements. The step is scaled by max(epsilon2, root mean square of p)
// min(lr, 1 / sqrt(t)).
class INGOT_API Adafactor : public Optimizer {
public:
    explicit Adafactor(const AdafactorOptions& options = {}, const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const AdafactorOptions& options,
                   const GroupOptions& group = {});
};

enum class MuonScale {
    kOriginal,      // lr sqrt(max(1, rows / cols))
    kMatchRmsAdamW  // lr 0.2 sqrt(max(rows, cols)): AdamW's rates and decays fit
};

struct MuonOptions {
    double lr = 1e-3;
    double weight_decay = 0.1;  // decoupled
    double momentum = 0.95;
    bool nesterov = true;
    double a = 3.4445, b = -4.7750, c = 2.0315;  // of the iteration X = a X + (b G + c G G) X
    double epsilon = 1e-7;                       // the least norm that is divided by
    std::int64_t ns_steps = 5;                   // 1..99
    MuonScale adjust_lr = MuonScale::kOriginal;
};

// Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, as torch.optim's
// Muon: momentum of matrices, made orthogonal by Newton and Schulz's iteration (in f32). Parameters
// with two axes are in group 0; all others, which Muon is not for, follow AdamW in group 1. Put
// embeddings and the last layer there too, by add_adamw_group().
class INGOT_API Muon : public Optimizer {
public:
    explicit Muon(const MuonOptions& options = {}, const AdamWOptions& others = {},
                  const StepOptions& step = {});
    void add_group(std::vector<Parameter> parameters, const MuonOptions& options,
                   const GroupOptions& group = {});
    void add_adamw_group(std::vector<Parameter> parameters, const AdamWOptions& options,
                         const GroupOptions& group = {});
};

}  // namespace ingot::optim
