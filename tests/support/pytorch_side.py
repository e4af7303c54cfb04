# SPDX-License-Identifier: MIT
"""What the scripts share that ask PyTorch: files of tensors, numbers by name, ResNet's block.

The numbers are those of named_numbers.h, so that a test computes them without PyTorch.
"""
import json
import struct

import numpy
import torch
from torch import nn

TYPES = {"F64": numpy.float64, "F32": numpy.float32, "I32": numpy.int32, "U8": numpy.uint8}


def read_safetensors(path):
    """The metadata, and the tensors by name: floats as f64, integers as i64."""
    data = path.read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = numpy.frombuffer(data[8 + size + begin : 8 + size + end], TYPES[entry["dtype"]])
        tensor = torch.from_numpy(array.reshape(entry["shape"]).copy())
        tensors[name] = tensor.double() if tensor.is_floating_point() else tensor.long()
    return metadata, tensors


def write_safetensors(path, tensors):
    """As f32. The header is padded to a multiple of 8, as the format's own library does."""
    header, contents = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().float().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(contents), len(contents) + len(values)],
        }
        contents += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + contents)


def without_counters(state):
    """A state_dict without PyTorch's counters of batches, which ingot does not keep."""
    return {name: t for name, t in state.items() if not name.endswith("num_batches_tracked")}


def load_state(module, tensors):
    """Every parameter and buffer but those counters, and no other name."""
    lacking = module.load_state_dict(tensors, strict=False)
    missing = without_counters(dict.fromkeys(lacking.missing_keys))
    if missing or lacking.unexpected_keys:
        raise SystemExit(f"missing {list(missing)}, unexpected {lacking.unexpected_keys}")


def numbers(name, count):
    """`count` 32-bit words that depend on the name: FNV-1a, then MurmurHash3's finalizer."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with numpy.errstate(over="ignore"):
        word = numpy.uint32(seed) + numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B9)
        word = (word ^ (word >> 16)) * numpy.uint32(0x85EBCA6B)
        word = (word ^ (word >> 13)) * numpy.uint32(0xC2B2AE35)
    return word ^ (word >> 16)


def below(limit, name, count):
    return torch.from_numpy((numbers(name, count) % limit).astype("int64"))


def uniform(name, shape):
    """In [-1, 1), 24 bits: equal in float and in double."""
    words = numbers(name, int(numpy.prod(shape)))
    return torch.from_numpy(((words >> 8) * 2.0**-23 - 1.0).reshape(shape))


def start_value(name, shape):
    """Of a parameter or buffer: scaled by its fan-in, or around 1 for scales and variances."""
    u = uniform(name, shape)
    if len(shape) > 1:
        return u / float(numpy.sqrt(numpy.float32(numpy.prod(shape[1:]))))
    return u / 8 + (1 if name.endswith(("weight", "var")) else 0)


class BasicBlock(nn.Module):
    """He et al., "Deep residual learning for image recognition", CVPR 2016. The shortcut is a 1 x 1
    convolution where the shape changes, or with `padded` (their option A) fewer pixels and channels
    of zeros on both sides."""

    def __init__(self, channels_in, channels, stride, padded=False):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride, self.more = stride, channels - channels_in
        self.downsample = None
        if not padded and (stride > 1 or self.more):
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.stride > 1 or self.more:
            x = x[:, :, :: self.stride, :: self.stride]
            x = nn.functional.pad(x, (0, 0, 0, 0, self.more // 2, self.more // 2))
        return torch.relu(y + x)
