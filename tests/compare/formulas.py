# SPDX-License-Identifier: MIT
"""Optimizers that PyTorch 1.13 does not have, written from their papers as torch.optim.Optimizers,
and what a training loop does around any optimizer."""
import torch
from torch.optim.swa_utils import AveragedModel


class PerParameter(torch.optim.Optimizer):
    """A formula of one parameter, its gradient, what is remembered of it, and the step from 1 on."""

    defaults = {}

    def __init__(self, params, **options):
        super().__init__(params, {**self.defaults, **options})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                memory = self.state[p]
                memory["t"] = memory.get("t", 0) + 1
                self.move(p, p.grad, memory, memory["t"], **{k: v for k, v in group.items() if k != "params"})


def remembered(memory, name, like):
    return memory.setdefault(name, torch.zeros_like(like))


class Lion(PerParameter):
    """Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, program 1."""

    defaults = dict(lr=1e-4, betas=(0.9, 0.99), weight_decay=0)

    @staticmethod
    def move(p, g, memory, t, lr, betas, weight_decay):
        m = remembered(memory, "m", p)
        direction = torch.sign(betas[0] * m + (1 - betas[0]) * g)
        p -= lr * (direction + weight_decay * p)
        m.mul_(betas[1]).add_(g, alpha=1 - betas[1])


class Lamb(PerParameter):
    """You et al., "Large batch optimization for deep learning", ICLR 2020, algorithm 2, phi(z) = z."""

    defaults = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0)

    @staticmethod
    def move(p, g, memory, t, lr, betas, eps, weight_decay):
        m, v = remembered(memory, "m", p), remembered(memory, "v", p)
        m.copy_(betas[0] * m + (1 - betas[0]) * g)
        v.copy_(betas[1] * v + (1 - betas[1]) * g * g)
        r = (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)).sqrt() + eps) + weight_decay * p
        trust = p.norm() / r.norm() if p.norm() > 0 and r.norm() > 0 else 1.0
        p -= lr * trust * r


class Adafactor(PerParameter):
    """Shazeer and Stern, "Adafactor", ICML 2018, algorithms 4 to 6. Where torch.optim.Adafactor
    (2.5 on) departs from them, so does this: eps1 bounds the roots instead of entering the squares,
    and decay is decoupled."""

    defaults = dict(lr=1e-2, beta2_decay=-0.8, eps=(2.0**-23, 1e-3), d=1.0, weight_decay=0)

    @staticmethod
    def move(p, g, memory, t, lr, beta2_decay, eps, d, weight_decay):
        beta = 1 - t**beta2_decay

        def mean_square(name, value):
            kept = remembered(memory, name, value)
            return kept.copy_(beta * kept + (1 - beta) * value)

        if p.dim() > 1:
            rows = mean_square("rows", (g * g).mean(-1, keepdim=True))
            columns = mean_square("columns", (g * g).mean(-2, keepdim=True))
            v = rows * columns / rows.mean(-2, keepdim=True).clamp(min=eps[0])
        else:
            v = mean_square("v", g * g)
        u = g / v.clamp(min=eps[0] ** 2).sqrt()
        u /= max(1.0, u.square().mean().sqrt().item() / d)
        scale = max(eps[1], p.square().mean().sqrt().item()) * min(lr, t**-0.5)
        p -= lr * weight_decay * p + scale * u


class Muon(PerParameter):
    """Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, of matrices.
    Momentum is a mean and the decay decoupled, as in torch.optim.Muon (2.9 on)."""

    defaults = dict(lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True, scale="original")

    @staticmethod
    def move(p, g, memory, t, lr, weight_decay, momentum, nesterov, scale):
        buffer = remembered(memory, "buffer", p)
        buffer.copy_(momentum * buffer + (1 - momentum) * g)
        moving = momentum * buffer + (1 - momentum) * g if nesterov else buffer
        rows, columns = p.shape
        x = moving / moving.norm().clamp(min=1e-7)
        a, b, c = 3.4445, -4.7750, 2.0315
        for _ in range(5):  # an odd polynomial of x: it moves the singular values and nothing else
            gram = x.T @ x  # of the other side than ingot's, which is the same
            x = a * x + x @ (b * gram + c * gram @ gram)
        if scale == "original":
            factor = max(1.0, rows / columns) ** 0.5
        else:
            factor = 0.2 * max(rows, columns) ** 0.5
        p -= lr * (weight_decay * p + factor * x)


class MuonAndAdamW:
    """Matrices by Muon, all others by AdamW."""

    def __init__(self, params, others, **options):
        self.parts = (
            Muon([p for p in params if p.dim() == 2], **options),
            torch.optim.AdamW([p for p in params if p.dim() != 2], **others),
        )

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def step(self):
        for part in self.parts:
            part.step()


class Around:
    """What stands around the optimizer: PyTorch's own functions, in the order that optim.h says."""

    def __init__(self, clip_value=0, clip_norm=0, l1=0, max_norm=0, accumulate=1, ema_decay=0):
        self.clip_value, self.clip_norm, self.l1, self.max_norm = clip_value, clip_norm, l1, max_norm
        self.accumulate, self.ema_decay = accumulate, ema_decay

    def begin(self, params):
        self.params, self.runs, self.averaged = params, 0, None
        if self.ema_decay:
            self.averaged = AveragedModel(
                torch.nn.ParameterList(params),
                avg_fn=lambda average, p, _: self.ema_decay * average + (1 - self.ema_decay) * p,
            )

    def step(self, optimizer):
        """After each backward pass; gradients add up until the optimizer moves."""
        self.runs += 1
        if self.runs % self.accumulate:
            return
        for p in self.params:
            p.grad /= self.accumulate
        if self.clip_value:
            torch.nn.utils.clip_grad_value_(self.params, self.clip_value)
        if self.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.params, self.clip_norm)
        with torch.no_grad():
            for p in self.params:
                p.grad += self.l1 * p.sign()
            optimizer.step()
            for p in self.params:
                if self.max_norm and p.dim() > 1:
                    p.copy_(torch.renorm(p, 2, 0, self.max_norm))
        if self.averaged:
            self.averaged.update_parameters(torch.nn.ParameterList(self.params))
        optimizer.zero_grad()
