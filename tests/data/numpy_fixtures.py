# SPDX-License-Identifier: MIT
"""Writes numpy.npz and numpy_packed.npz: arrays as NumPy itself stores them, each 3 * i - 4 (or its
nearest in the type, bool by sign) for i = 0 to 5 as [2, 3].
   usage: python3 numpy_fixtures.py      in this folder, with NumPy
"""
import numpy as np

values = (3 * np.arange(6) - 4).reshape(2, 3)
arrays = {}
for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8"):
    for order in "<>":
        arrays[f"{kind}_{'little' if order == '<' else 'big'}"] = values.astype(order + kind)
for kind in ("u1", "u2", "u4", "u8"):
    arrays[kind] = np.abs(values).astype(kind)
arrays["bool"] = values > 0
arrays["fortran"] = np.asfortranarray(values.astype("f8"))
arrays["scalar"] = np.float32(2.5)
arrays["empty"] = np.zeros((0, 3), "f4")
np.savez("numpy.npz", **arrays)
np.savez_compressed("numpy_packed.npz", **arrays)
