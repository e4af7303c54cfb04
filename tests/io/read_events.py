#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads an event file of TensorBoard by what is published of it alone, and prints it as JSON.

    read_events.py FILE

Frames are TFRecord's: a length of 8 bytes, its checksum, the message, its checksum; checksums are
CRC-32C (RFC 3720), rotated by 15 and with a constant added. Messages are in the wire format of
protocol buffers (protobuf.dev, "Encoding"), their fields those of TensorFlow's event.proto,
summary.proto, histogram.proto, tensor.proto, tensor_shape.proto, attr_value.proto, node_def.proto,
graph.proto and versions.proto. Only Python's standard library is needed. Whatever is not as it
should be ends the program: a checksum, a field that is not known, one of another wire type.
"""
import json
import struct
import sys

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# Message: {field number: (name, kind)}; a kind in a list may repeat.
FIELDS = {
    "Event": {1: ("wall_time", "double"), 2: ("step", "int"), 3: ("file_version", "string"),
              4: ("graph_def", "GraphDef"), 5: ("summary", "Summary"), 7: ("session_log", "SessionLog")},
    "SessionLog": {1: ("status", "int"), 2: ("checkpoint_path", "string"), 3: ("msg", "string")},
    "Summary": {1: ("value", ["Value"])},
    "Value": {1: ("tag", "string"), 2: ("simple_value", "float"), 4: ("image", "Image"),
              5: ("histo", "HistogramProto"), 7: ("node_name", "string"), 8: ("tensor", "TensorProto"),
              9: ("metadata", "SummaryMetadata")},
    "Image": {1: ("height", "int"), 2: ("width", "int"), 3: ("colorspace", "int"),
              4: ("encoded_image_string", "hex")},
    "HistogramProto": {1: ("min", "double"), 2: ("max", "double"), 3: ("num", "double"),
                       4: ("sum", "double"), 5: ("sum_squares", "double"),
                       6: ("bucket_limit", "packed doubles"), 7: ("bucket", "packed doubles")},
    "SummaryMetadata": {1: ("plugin_data", "PluginData"), 2: ("display_name", "string"),
                        3: ("summary_description", "string"), 4: ("data_class", "int")},
    "PluginData": {1: ("plugin_name", "string"), 2: ("content", "hex")},
    "TensorProto": {1: ("dtype", "int"), 2: ("tensor_shape", "TensorShapeProto"),
                    8: ("string_val", ["string"])},
    "TensorShapeProto": {2: ("dim", ["Dim"]), 3: ("unknown_rank", "int")},
    "Dim": {1: ("size", "int"), 2: ("name", "string")},
    "GraphDef": {1: ("node", ["NodeDef"]), 4: ("versions", "VersionDef")},
    "VersionDef": {1: ("producer", "int"), 2: ("min_consumer", "int")},
    "NodeDef": {1: ("name", "string"), 2: ("op", "string"), 3: ("input", ["string"]),
                4: ("device", "string"), 5: ("attr", ["AttrEntry"])},
    "AttrEntry": {1: ("key", "string"), 2: ("value", "AttrValue")},
    "AttrValue": {1: ("list", "ListValue"), 2: ("s", "string"), 3: ("i", "int"), 6: ("type", "int"),
                  7: ("shape", "TensorShapeProto")},
    "ListValue": {2: ("s", ["string"]), 7: ("shape", ["TensorShapeProto"])},
}
WIRE = {"double": FIXED64, "float": FIXED32, "int": VARINT}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def check(data, stored, what):
    crc = crc32c(data)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    if masked != struct.unpack("<I", stored)[0]:
        sys.exit(f"read_events: the checksum of {what} is wrong")


def records(data):
    at = 0
    while at < len(data):
        head = data[at:at + 12]
        if len(head) < 12:
            sys.exit(f"read_events: {len(head)} bytes are left at {at}")
        check(head[:8], head[8:], f"the length at {at}")
        size = struct.unpack("<Q", head[:8])[0]
        body, tail = data[at + 12:at + 12 + size], data[at + 12 + size:at + 16 + size]
        if len(tail) < 4:
            sys.exit(f"read_events: the record at {at} is cut off")
        check(body, tail, f"the record at {at}")
        yield body
        at += 16 + size


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = varint(data, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
            value, at = data[at:at + size], at + size
        elif wire == BYTES:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            if len(value) < size:
                sys.exit(f"read_events: field {number} is cut off")
        else:
            sys.exit(f"read_events: field {number} has wire type {wire}")
        yield number, wire, value


def finite(value):
    return value if abs(value) <= sys.float_info.max else str(value)


def decoded(kind, value):
    if kind == "double":
        return finite(struct.unpack("<d", value)[0])
    if kind == "float":
        return finite(struct.unpack("<f", value)[0])
    if kind == "int":
        return value - (1 << 64) if value >> 63 else value
    if kind == "string":
        return value.decode("utf-8")
    if kind == "hex":
        return value.hex()
    if kind == "packed doubles":
        return list(struct.unpack(f"<{len(value) // 8}d", value))
    return message(kind, value)


def message(name, data):
    result = {}
    for number, wire, value in fields(data):
        if number not in FIELDS[name]:
            sys.exit(f"read_events: {name} has a field {number}")
        field, kind = FIELDS[name][number]
        of = kind[0] if isinstance(kind, list) else kind
        if wire != WIRE.get(of, BYTES):
            sys.exit(f"read_events: {name}.{field} has wire type {wire}")
        if isinstance(kind, list):
            result.setdefault(field, []).append(decoded(of, value))
        else:
            result[field] = decoded(of, value)
    return result


with open(sys.argv[1], "rb") as file:
    json.dump([message("Event", record) for record in records(file.read())], sys.stdout)
