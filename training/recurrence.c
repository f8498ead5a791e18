/* Scores and gradients of the channel-wise LSTM, the inner loop of training.
 *
 *     for every channel, forwards and in reverse, over its own columns:
 *         i, f, g, o = b + W_x x_t + W_h h_{t-1}          sigmoid on i, f, o; tanh on g
 *         c_t = f * c_{t-1} + i * g
 *         h_t = o * tanh(c_t)
 *     the h_t of all directions side by side -> the same recurrence with N_LARGE units -> s_t = w . h_t + b
 *
 * Every number is a vector of 16 stays, so that each line below is the formula for one stay and no loop needs care to run
 * on the processor's vector units. GCC and Clang both have these vectors; training/recurrence.py compiles the file.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#define N_STEPS 48
#define N_COLUMNS 76
#define N_DIRECTIONS 34
#define N_SMALL 4
#define N_LARGE 32
#define N_CONCAT (N_DIRECTIONS * N_SMALL)
#define Z_SMALL (4 * N_SMALL)
#define Z_LARGE (4 * N_LARGE)
#define N_ROWS (N_STEPS * LANES)
#define N_INTO (N_CONCAT + N_LARGE)

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));
typedef vec row_vec __attribute__((may_alias)); /* a vector read from an array of floats */

/* Weights, or their gradients, as network.py lays them out: small_w_x [76, 34, 16], small_w_h [34, 4, 16], small_bias [34, 16],
 * large_w_x [136, 128], large_w_h [32, 128], large_bias [128], dense_w [32], dense_bias [1]; gates in the order i f g o. */
typedef struct {
    float *small_w_x, *small_w_h, *small_bias, *large_w_x, *large_w_h, *large_bias, *dense_w, *dense_bias;
} Weights;

/* What a block of 16 stays leaves behind on its way forwards. */
typedef struct {
    vec x[N_STEPS][N_COLUMNS];
    vec gates_small[N_DIRECTIONS][N_STEPS][Z_SMALL], cell_small[N_DIRECTIONS][N_STEPS][N_SMALL];
    vec hidden_small[N_DIRECTIONS][N_STEPS][N_SMALL];
    vec into[N_STEPS][N_INTO]; /* what LSTM(32) reads: the directions' h, dropped out, and its own last h */
    vec gates[N_STEPS][Z_LARGE], cell[N_STEPS][N_LARGE], hidden[N_STEPS][N_LARGE];
    vec d_z[N_STEPS][Z_LARGE], d_concat[N_STEPS][N_CONCAT], score[N_STEPS];
    vec keep_concat[N_CONCAT], keep_hidden[N_LARGE];
    float rows_into[N_ROWS][N_INTO], rows_d_z[N_ROWS][Z_LARGE];
} Block;

static inline vec splat(float value) { return value - (vec){0}; }

/* exp by a polynomial on [-ln 2 / 2, ln 2 / 2] and the exponent's bits; relative error 2e-7 within -87..87. */
static inline vec exponential(vec x) {
    ivec low = x < -87.0f, high = x > 87.0f;
    x = (vec)(((ivec)x & ~(low | high)) | ((ivec)splat(-87.0f) & low) | ((ivec)splat(87.0f) & high));
    vec shifted = x * 1.44269504f + 12582912.0f; /* rounds to the nearest integer */
    vec n = shifted - 12582912.0f;
    vec r = x - n * 0.693359375f + n * 2.12194440e-4f;
    vec p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    vec value = p * r * r + r + 1.0f;
    ivec bits = (__builtin_convertvector(n, ivec) + 127) << 23;
    return value * (vec)bits;
}

static inline vec sigmoid(vec x) { return 1.0f / (1.0f + exponential(-x)); }
static inline vec hyperbolic_tangent(vec x) { return 2.0f / (1.0f + exponential(-2.0f * x)) - 1.0f; }

static inline float total(vec x) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += x[lane];
    return sum;
}

/* z -> gates in place; c and h of n units from the last c (NULL at the first step). */
static inline void cell_forward(vec *z, const vec *last_c, vec *c, vec *h, int n) {
    for (int u = 0; u < n; u++) {
        vec i = z[u] = sigmoid(z[u]), f = z[n + u] = sigmoid(z[n + u]);
        vec g = z[2 * n + u] = hyperbolic_tangent(z[2 * n + u]), o = z[3 * n + u] = sigmoid(z[3 * n + u]);
        c[u] = i * g + (last_c ? f * last_c[u] : (vec){0});
        h[u] = o * hyperbolic_tangent(c[u]);
    }
}

/* Gradient of z from that of h; d_c is carried from step to step. */
static inline void cell_backward(const vec *gates, const vec *c, const vec *last_c, const vec *d_h, vec *d_c, vec *d_z, int n) {
    for (int u = 0; u < n; u++) {
        vec i = gates[u], f = gates[n + u], g = gates[2 * n + u], o = gates[3 * n + u], t = hyperbolic_tangent(c[u]);
        d_c[u] += d_h[u] * o * (1.0f - t * t);
        d_z[u] = d_c[u] * g * i * (1.0f - i);
        d_z[n + u] = last_c ? d_c[u] * last_c[u] * f * (1.0f - f) : (vec){0};
        d_z[2 * n + u] = d_c[u] * i * (1.0f - g * g);
        d_z[3 * n + u] = d_h[u] * t * o * (1.0f - o);
        d_c[u] *= f;
    }
}

/* The columns of a direction: first and count in `columns`. */
typedef struct {
    const int32_t *first, *columns;
} Columns;

static void small_forward(Block *b, const Weights *w, Columns own) {
    for (int d = 0; d < N_DIRECTIONS; d++) {
        vec h[N_SMALL] = {0};
        const vec *last_c = NULL;
        for (int step = 0; step < N_STEPS; step++) {
            int t = d % 2 ? N_STEPS - 1 - step : step;
            vec z[Z_SMALL];
            for (int k = 0; k < Z_SMALL; k++) z[k] = splat(w->small_bias[d * Z_SMALL + k]);
            for (int at = own.first[d]; at < own.first[d + 1]; at++) {
                const float *row = w->small_w_x + (own.columns[at] * N_DIRECTIONS + d) * Z_SMALL;
                vec x = b->x[t][own.columns[at]];
                for (int k = 0; k < Z_SMALL; k++) z[k] += row[k] * x;
            }
            for (int u = 0; u < N_SMALL; u++)
                for (int k = 0; k < Z_SMALL; k++) z[k] += w->small_w_h[(d * N_SMALL + u) * Z_SMALL + k] * h[u];
            cell_forward(z, last_c, b->cell_small[d][t], h, N_SMALL);
            memcpy(b->gates_small[d][t], z, sizeof z);
            memcpy(b->hidden_small[d][t], h, sizeof h);
            last_c = b->cell_small[d][t];
            for (int u = 0; u < N_SMALL; u++) b->into[t][d * N_SMALL + u] = h[u] * b->keep_concat[d * N_SMALL + u];
        }
    }
}

static void large_forward(Block *b, const Weights *w) {
    for (int t = 0; t < N_STEPS; t++) {
        vec *into = b->into[t];
        for (int u = 0; u < N_LARGE; u++) into[N_CONCAT + u] = t ? b->hidden[t - 1][u] : (vec){0};
        for (int first = 0; first < Z_LARGE; first += 16) {
            vec z[16];
            for (int k = 0; k < 16; k++) z[k] = splat(w->large_bias[first + k]);
            for (int n = 0; n < N_INTO; n++) {
                const float *row = (n < N_CONCAT ? w->large_w_x + n * Z_LARGE : w->large_w_h + (n - N_CONCAT) * Z_LARGE) + first;
                vec a = into[n];
                for (int k = 0; k < 16; k++) z[k] += row[k] * a;
            }
            memcpy(b->gates[t] + first, z, sizeof z);
        }
        cell_forward(b->gates[t], t ? b->cell[t - 1] : NULL, b->cell[t], b->hidden[t], N_LARGE);
        vec score = splat(w->dense_bias[0]);
        for (int u = 0; u < N_LARGE; u++) score += w->dense_w[u] * b->keep_hidden[u] * b->hidden[t][u];
        b->score[t] = score;
    }
}

static void large_backward(Block *b, const Weights *w, Weights *grad, const vec *d_score) {
    vec d_next[N_LARGE] = {0}, d_c[N_LARGE] = {0}, d_dense[N_LARGE] = {0}, d_bias = {0};
    for (int t = N_STEPS - 1; t >= 0; t--) {
        vec d_h[N_LARGE];
        d_bias += d_score[t];
        for (int u = 0; u < N_LARGE; u++) {
            vec kept = b->keep_hidden[u] * d_score[t];
            d_dense[u] += kept * b->hidden[t][u];
            d_h[u] = d_next[u] + w->dense_w[u] * kept;
        }
        cell_backward(b->gates[t], b->cell[t], t ? b->cell[t - 1] : NULL, d_h, d_c, b->d_z[t], N_LARGE);
        for (int first = 0; first < N_INTO; first += 8) {
            vec sum[8] = {{0}};
            const float *rows = first < N_CONCAT ? w->large_w_x + first * Z_LARGE : w->large_w_h + (first - N_CONCAT) * Z_LARGE;
            for (int k = 0; k < Z_LARGE; k++)
                for (int n = 0; n < 8; n++) sum[n] += rows[n * Z_LARGE + k] * b->d_z[t][k];
            memcpy(first < N_CONCAT ? b->d_concat[t] + first : d_next + first - N_CONCAT, sum, sizeof sum);
        }
    }
    for (int u = 0; u < N_LARGE; u++) grad->dense_w[u] += total(d_dense[u]);
    grad->dense_bias[0] += total(d_bias);
}

/* The gradient of LSTM(32)'s weights: [N_INTO, N_ROWS] times [N_ROWS, Z_LARGE], a row an hour of a stay. */
static void large_weights(Block *b, Weights *grad) {
    for (int t = 0; t < N_STEPS; t++)
        for (int lane = 0; lane < LANES; lane++) {
            for (int n = 0; n < N_INTO; n++) b->rows_into[t * LANES + lane][n] = b->into[t][n][lane];
            for (int k = 0; k < Z_LARGE; k++) b->rows_d_z[t * LANES + lane][k] = b->d_z[t][k][lane];
        }
    for (int first = 0; first < N_INTO; first += 4)
        for (int k = 0; k < Z_LARGE; k += 4 * LANES) {
            vec sum[4][4] = {{{0}}};
            for (int row = 0; row < N_ROWS; row++) {
                const row_vec *d_z = (const row_vec *)(b->rows_d_z[row] + k);
                for (int n = 0; n < 4; n++)
                    for (int j = 0; j < 4; j++) sum[n][j] += b->rows_into[row][first + n] * d_z[j];
            }
            for (int n = 0; n < 4; n++) {
                int from = first + n;
                float *out = (from < N_CONCAT ? grad->large_w_x + from * Z_LARGE : grad->large_w_h + (from - N_CONCAT) * Z_LARGE) + k;
                for (int j = 0; j < 4 * LANES; j++) out[j] += sum[n][j / LANES][j % LANES];
            }
        }
    for (int row = 0; row < N_ROWS; row++)
        for (int k = 0; k < Z_LARGE; k++) grad->large_bias[k] += b->rows_d_z[row][k];
}

static void small_backward(Block *b, const Weights *w, Weights *grad, Columns own) {
    for (int d = 0; d < N_DIRECTIONS; d++) {
        vec d_next[N_SMALL] = {0}, d_c[N_SMALL] = {0};
        vec by_column[N_COLUMNS][Z_SMALL] = {{{0}}}, by_hidden[N_SMALL][Z_SMALL] = {{{0}}}, by_bias[Z_SMALL] = {0};
        for (int step = N_STEPS - 1; step >= 0; step--) {
            int t = d % 2 ? N_STEPS - 1 - step : step, before = d % 2 ? t + 1 : t - 1;
            vec d_h[N_SMALL], d_z[Z_SMALL];
            for (int u = 0; u < N_SMALL; u++) d_h[u] = d_next[u] + b->d_concat[t][d * N_SMALL + u] * b->keep_concat[d * N_SMALL + u];
            cell_backward(b->gates_small[d][t], b->cell_small[d][t], step ? b->cell_small[d][before] : NULL, d_h, d_c, d_z, N_SMALL);
            for (int k = 0; k < Z_SMALL; k++) by_bias[k] += d_z[k];
            for (int at = own.first[d]; at < own.first[d + 1]; at++)
                for (int k = 0; k < Z_SMALL; k++) by_column[at - own.first[d]][k] += b->x[t][own.columns[at]] * d_z[k];
            for (int u = 0; u < N_SMALL; u++) {
                vec h = step ? b->hidden_small[d][before][u] : (vec){0};
                vec sum = {0};
                for (int k = 0; k < Z_SMALL; k++) {
                    by_hidden[u][k] += h * d_z[k];
                    sum += w->small_w_h[(d * N_SMALL + u) * Z_SMALL + k] * d_z[k];
                }
                d_next[u] = sum;
            }
        }
        for (int k = 0; k < Z_SMALL; k++) {
            grad->small_bias[d * Z_SMALL + k] += total(by_bias[k]);
            for (int u = 0; u < N_SMALL; u++) grad->small_w_h[(d * N_SMALL + u) * Z_SMALL + k] += total(by_hidden[u][k]);
            for (int at = own.first[d]; at < own.first[d + 1]; at++)
                grad->small_w_x[(own.columns[at] * N_DIRECTIONS + d) * Z_SMALL + k] += total(by_column[at - own.first[d]][k]);
        }
    }
}

/* Scores [n, 48] of x [n, 48, 76], n a multiple of 16. Where `grad` is given, it receives the sum over stays of the gradient of
 *
 *     sum over hours of weight[t] * cross-entropy(target, sigmoid(score[t]))
 *
 * with units dropped by keep_concat [n, 136] and keep_hidden [n, 32]. Returns 0, or 1 where memory is lacking. */
int pass(int n, const float *x, const float *target, const float *weight, const float *keep_concat, const float *keep_hidden,
         const int32_t *first, const int32_t *columns, const Weights *w, Weights *grad, float *score) {
    static _Thread_local Block *b; /* kept from call to call: fresh memory costs as much as the sums */
    if (!b && !(b = aligned_alloc(64, (sizeof(Block) + 63) / 64 * 64))) return 1;
    Columns own = {first, columns};
    for (int stay = 0; stay < n; stay += LANES) {
        const float *from = x + (size_t)stay * N_STEPS * N_COLUMNS;
        for (int at = 0; at < N_STEPS * N_COLUMNS; at++)
            for (int lane = 0; lane < LANES; lane++) ((vec *)b->x)[at][lane] = from[lane * N_STEPS * N_COLUMNS + at];
        for (int lane = 0; lane < LANES; lane++) {
            for (int k = 0; k < N_CONCAT; k++) b->keep_concat[k][lane] = keep_concat ? keep_concat[(stay + lane) * N_CONCAT + k] : 1;
            for (int k = 0; k < N_LARGE; k++) b->keep_hidden[k][lane] = keep_hidden ? keep_hidden[(stay + lane) * N_LARGE + k] : 1;
        }
        small_forward(b, w, own);
        large_forward(b, w);
        for (int lane = 0; lane < LANES; lane++)
            for (int t = 0; t < N_STEPS; t++) score[(stay + lane) * N_STEPS + t] = b->score[t][lane];
        if (!grad) continue;
        vec wanted, d_score[N_STEPS];
        memcpy(&wanted, target + stay, sizeof wanted);
        for (int t = 0; t < N_STEPS; t++) d_score[t] = weight[t] * (sigmoid(b->score[t]) - wanted);
        large_backward(b, w, grad, d_score);
        large_weights(b, grad);
        small_backward(b, w, grad, own);
    }
    return 0;
}
