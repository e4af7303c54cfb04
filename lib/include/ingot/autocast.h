// SPDX-License-Identifier: MIT
// Mixed precision (Micikevicius et al., "Mixed precision training", ICLR 2018), under
// torch.autocast's rules. Expressions that are written while an Autocast lives are of 16-bit floats
// where these are good enough:
//
//     Tensor loss;
//     {
//         const Autocast autocast{bf16};
//         loss = cross_entropy(net(x), y);
//     }
//     auto step = device.compile(optimizer.minimize(loss));
//
//   in 16 bits     matmul, linear, convolutions, attention, recurrent layers, prelu: operands and
//                  results; products are added up in f32 as everywhere
//   in f32         sum, mean, prod, cumsum, cumprod, var, std, norm, logsumexp, softmax; layer,
//                  group, instance and RMS norm; losses and distances; exp, expm1, log, log1p, pow,
//                  reciprocal, rsqrt, softplus, tan, asin, acos, sinh, cosh
//   as it comes    all else: the result has the operands' type, the wider one where they differ.
//                  Batch norm computes in f32 and gives the type of x
//
// Parameters stay f32: they are rounded once a step, by a cast that is part of the expression, and
// their gradients come back through it in f32. Gradients are in the types of what they are
// gradients of, whether taken inside the scope or outside; what optimizers do is f32. The gradients
// of f16 take a scaled loss (optim::LossScaler); those of bf16, which has the range of f32, do not.
//
// A device without 16-bit storage computes the same values, but from copies in 32 bits: nothing is
// saved there (DeviceInfo::stores_16_bits), and train::Trainer refuses it.
#pragma once

#include <ingot/dtype.h>
#include <ingot/export.h>

namespace ingot {

// Of the thread that makes it, until it goes. The innermost counts.
class INGOT_API Autocast {
public:
    // f16 or bf16; f32: as written, which ends what an Autocast around says.
    explicit Autocast(DType dtype);
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    DType before_;
};

}  // namespace ingot
