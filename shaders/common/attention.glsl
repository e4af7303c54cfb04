// SPDX-License-Identifier: MIT
// What the three attention kernels share. A group is TEAMS teams of LANES lanes; a team owns ROWS
// rows of one side (queries or keys) and walks over tiles of C rows of the other side. It multiplies
// its own rows with the tile (MULTIPLY: a lane takes KEYS rows of the tile), makes weights of the
// products, and adds the tile's rows to accumulators, each times its weight (ACCUMULATE: a lane
// takes COLS columns). Nothing of size L x S is ever stored.
//
// Own rows and weights are needed by all lanes of a team, rows of the tile by one lane each:
//   SPREAD   for software drivers, where loads are the cost: a group is one team and one subgroup,
//            each lane loads a share, values are broadcast from lane to lane.
//   else     for cards: through shared memory.
// Each sum runs in ascending order in one lane: equal inputs give equal bits.
//
// The host guarantees: the local size is LANES * TEAMS; SPREAD: TEAMS = 1, the subgroup size is
// LANES, CHUNK is 4, LANES divides ROWS; else ROWS is at most LANES, and the local size divides
// ROWS * TEAMS * CHUNK / 4. 4 divides CHUNK, ROWS and COLS. VECTOR and TEXEL, which read four
// elements at a time, only where E, Ev, all strides and all offsets are multiples of 4. Indices past
// an edge are clamped into the tensor.
#ifndef INGOT_ATTENTION_GLSL
#define INGOT_ATTENTION_GLSL

#include "attention.h"
#include "common/philox.glsl"

layout(local_size_x_id = 0) in;
#ifdef SPREAD
layout(constant_id = 0) const uint LOCAL_SIZE = 4;
layout(constant_id = 1) const uint LANES = 4;
layout(constant_id = 5) const uint CHUNK = 4;  // columns of own rows held at a time
#else
layout(constant_id = 0) const uint LOCAL_SIZE = 128;
layout(constant_id = 1) const uint LANES = 16;
layout(constant_id = 5) const uint CHUNK = 16;
#endif
layout(constant_id = 2) const uint ROWS = 4;  // own rows of a team
layout(constant_id = 3) const uint KEYS = 2;  // rows of a tile a lane
layout(constant_id = 4) const uint COLS = 4;  // columns of the accumulators a lane
layout(constant_id = 6) const bool EXACT = false;  // no column lies beyond E or Ev
layout(constant_id = 7) const bool CAUSAL = false;
layout(constant_id = 8) const uint MASK = 0;
layout(constant_id = 9) const bool DROPOUT = false;

layout(push_constant) uniform Push { AttentionParameters p; };

const uint TEAMS = LOCAL_SIZE / LANES;
const uint C = KEYS * LANES;
const uint SLICE = COLS * LANES;  // columns that a group accumulates
const uint QUADS = CHUNK / 4;

uint lane() {
    return gl_LocalInvocationID.x % LANES;
}
uint team() {
    return gl_LocalInvocationID.x / LANES;
}

#if defined(TEXEL)
#define ROWS_BUFFER(number, Block, name) \
    layout(set = 0, binding = number) uniform textureBuffer name;
#define QUAD(buffer, at, room) texelFetch(buffer, int((at) / 4))
#elif defined(VECTOR)
#define ROWS_BUFFER(number, Block, name) \
    layout(set = 0, binding = number) readonly buffer Block { vec4 name[]; };
#define QUAD(buffer, at, room) buffer[(at) / 4]
#else
#define ROWS_BUFFER(number, Block, name) \
    layout(set = 0, binding = number) readonly buffer Block { float name[]; };
// Four neighbours, of which `room` lie inside beyond the first; the others are 0.
#define NEIGHBOURS(buffer, at, room)                                               \
    vec4(buffer[at], buffer[(at) + min(1, room)], buffer[(at) + min(2, room)],     \
         buffer[(at) + min(3, room)])
#define QUAD(buffer, at, room)                                                     \
    (EXACT ? NEIGHBOURS(buffer, at, 3u)                                            \
           : mix(NEIGHBOURS(buffer, at, room), vec4(0),                            \
                 greaterThan(uvec4(0, 1, 2, 3), uvec4(room))))
#endif

// name(base, stride, row, rows, e): columns e to e + 3 of a row, 0 outside [rows, width].
#define ROW_READER(name, buffer, width)                                            \
    vec4 name(uint base, uint stride, uint row, uint rows, uint e) {               \
        const uint column = EXACT ? e : min(e, (width - 1) / 4 * 4);               \
        const uint at = base + min(row, rows - 1) * stride + column;               \
        const vec4 quad = QUAD(buffer, at, width - 1 - column);                    \
        return row < rows && (EXACT || e < width) ? quad : vec4(0);                \
    }

uint head_base(HeadStrides strides, uint batch, uint head) {
    return strides.offset + batch * strides.batch + head * strides.head;
}

#ifdef SPREAD
vec4 own_quads[ROWS / LANES];
#define STAGE_OWN(read, base, stride, first, rows, e0)                                       \
    [[unroll]] for (uint n = 0; n < ROWS / LANES; n++) {                                     \
        own_quads[n] = read(base, stride, (first) + n * LANES + lane(), rows, e0);           \
    }
vec4 own_quad(uint r, uint i) {
    return subgroupBroadcast(own_quads[r / LANES], r % LANES);
}
#define SOMEWHERE(condition) subgroupAny(condition)
#define STAGE_WEIGHTS(weights)
#define WEIGHT(weights, r, n, l) subgroupBroadcast(weights[(r) * KEYS + (n)], l)

float team_max(float value) {
    return subgroupMax(value);
}
float team_sum(float value) {
    return subgroupAdd(value);
}
#define ROWS_REDUCE(name, reduce, combine)                                                   \
    void name(inout float values[ROWS]) {                                                    \
        [[unroll]] for (uint r = 0; r < ROWS; r++) values[r] = reduce(values[r]);            \
    }
#else
#define SOMEWHERE(condition) true  // what follows has barriers
shared vec4 own_tile[TEAMS * ROWS * QUADS];
shared vec4 weight_tile[TEAMS * C * ROWS / 4];
shared float row_values[TEAMS * ROWS];
#define STAGE_OWN(read, base, stride, first, rows, e0)                                       \
    barrier();                                                                               \
    [[unroll]] for (uint n = 0; n < TEAMS * ROWS * QUADS / LOCAL_SIZE; n++) {                \
        const uint t = n * LOCAL_SIZE + gl_LocalInvocationID.x;                              \
        own_tile[t] = read(base, stride, (first) - team() * ROWS + t / QUADS, rows,          \
                           (e0) + t % QUADS * 4);                                            \
    }                                                                                        \
    barrier();
vec4 own_quad(uint r, uint i) {
    return own_tile[(team() * ROWS + r) * QUADS + i];
}
#define STAGE_WEIGHTS(weights)                                                               \
    barrier();                                                                               \
    [[unroll]] for (uint n = 0; n < KEYS; n++) {                                             \
        [[unroll]] for (uint r = 0; r < ROWS; r += 4) {                                      \
            weight_tile[((team() * C + n * LANES + lane()) * ROWS + r) / 4] =                \
                vec4(weights[r * KEYS + n], weights[(r + 1) * KEYS + n],                     \
                     weights[(r + 2) * KEYS + n], weights[(r + 3) * KEYS + n]);              \
        }                                                                                    \
    }                                                                                        \
    barrier();
#define WEIGHT(weights, r, n, l)                                                             \
    weight_tile[((team() * C + (n) * LANES + (l)) * ROWS + (r)) / 4][(r) % 4]

// The first ROWS lanes combine what all lanes hold for the row that bears their number.
#define ROWS_REDUCE(name, reduce, combine)                                                   \
    void name(inout float values[ROWS]) {                                                    \
        barrier();                                                                           \
        [[unroll]] for (uint r = 0; r < ROWS; r += 4) {                                      \
            weight_tile[((team() * LANES + lane()) * ROWS + r) / 4] =                        \
                vec4(values[r], values[r + 1], values[r + 2], values[r + 3]);                \
        }                                                                                    \
        barrier();                                                                           \
        if (lane() < ROWS) {                                                                 \
            float result = weight_tile[(team() * LANES * ROWS + lane()) / 4][lane() % 4];    \
            for (uint l = 1; l < LANES; l++) {                                               \
                const float other =                                                          \
                    weight_tile[((team() * LANES + l) * ROWS + lane()) / 4][lane() % 4];     \
                result = combine(result, other);                                             \
            }                                                                                \
            row_values[team() * ROWS + lane()] = result;                                     \
        }                                                                                    \
        barrier();                                                                           \
        [[unroll]] for (uint r = 0; r < ROWS; r++) values[r] = row_values[team() * ROWS + r]; \
    }
#endif
#define PLUS(a, b) (a) + (b)
ROWS_REDUCE(rows_max, team_max, max)
ROWS_REDUCE(rows_sum, team_sum, PLUS)

// products[r * KEYS + n] = own row r . row n * LANES + lane() of the tile at `first`.
#define MULTIPLY(products, own_read, own_base, own_stride, own_first, own_rows,              \
                 read, base, stride, first, rows, width)                                     \
    float products[ROWS * KEYS];                                                             \
    [[unroll]] for (uint n = 0; n < ROWS * KEYS; n++) products[n] = 0;                       \
    [[dont_unroll]] for (uint e0 = 0; e0 < width; e0 += CHUNK) {                             \
        STAGE_OWN(own_read, own_base, own_stride, own_first, own_rows, e0)                   \
        [[unroll]] for (uint i = 0; i < QUADS; i++) {                                        \
            vec4 b[KEYS];                                                                    \
            [[unroll]] for (uint n = 0; n < KEYS; n++) {                                     \
                b[n] = read(base, stride, (first) + n * LANES + lane(), rows, e0 + i * 4);   \
            }                                                                                \
            [[unroll]] for (uint r = 0; r < ROWS; r++) {                                     \
                const vec4 a = own_quad(r, i);                                               \
                [[unroll]] for (uint n = 0; n < KEYS; n++) {                                 \
                    [[unroll]] for (uint k = 0; k < 4; k++) {                                \
                        products[r * KEYS + n] = fma(a[k], b[n][k], products[r * KEYS + n]); \
                    }                                                                        \
                }                                                                            \
            }                                                                                \
        }                                                                                    \
    }

// The column of accumulator n of this lane, without that of the group's first.
uint own_column(uint n) {
    return (n / 4 * LANES + lane()) * 4 + n % 4;
}

// sums[r * COLS + n] += sum over the tile's rows of their weights * their column own_column(n).
#define ACCUMULATE(sums, weights, read, base, stride, first, rows, column0)                  \
    STAGE_WEIGHTS(weights)                                                                   \
    [[dont_unroll]] for (uint l = 0; l < LANES; l++) {                                       \
        vec4 b[KEYS * COLS / 4];                                                             \
        [[unroll]] for (uint t = 0; t < KEYS * COLS / 4; t++) {                              \
            b[t] = read(base, stride, (first) + t % KEYS * LANES + l, rows,                  \
                        (column0) + own_column(t / KEYS * 4));                               \
        }                                                                                    \
        [[unroll]] for (uint r = 0; r < ROWS; r++) {                                         \
            float weight[KEYS];                                                              \
            [[unroll]] for (uint n = 0; n < KEYS; n++) weight[n] = WEIGHT(weights, r, n, l); \
            [[unroll]] for (uint m = 0; m < COLS; m++) {                                     \
                [[unroll]] for (uint n = 0; n < KEYS; n++) {                                 \
                    sums[r * COLS + m] =                                                     \
                        fma(weight[n], b[m / 4 * KEYS + n][m % 4], sums[r * COLS + m]);      \
                }                                                                            \
            }                                                                                \
        }                                                                                    \
    }

// Scores at or below kLowest count as masked out: minus infinity, and what fills in for it.
const float kLowest = -1e38;
const float kMasked = -3e38;

bool is_seen(uint i, uint j) {
    return i < p.L && j < p.S && (!CAUSAL || j <= i);
}

// exp(score - from), 0 for what is masked out.
float weight_of(float score, float from) {
    return score <= kLowest ? 0.0 : exp(score - from);
}

// What a weight is multiplied with: 0 if it is dropped.
float kept_share(uint batch, uint head, uint i, uint j, uvec3 random) {
    if (!DROPOUT) return 1.0;
    const uint element = ((batch * p.H + head) * p.L + i) * p.S + j;
    return philox_uniform(element, random.x, random.y, random.z) >= p.drop ? 1.0 / (1.0 - p.drop)
                                                                             : 0.0;
}

#endif
