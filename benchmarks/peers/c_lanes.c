/* The workload by hand in SIMD lanes: C whose loops gcc vectorises, one thread, the limit we know of one core.
 *
 * The same luck as in c_scalar.c: Philox4x32-10, counter (customer, occasion, purpose, 0), key the seed, two blocks of four
 * 32-bit words a visit. Customers live in blocks that fit the cache; those who come again are kept dense at the front; a round
 * serves the k-th visit of all of them in loops without a branch: draw, visit, and a scalar loop that tallies by day.
 * exp, log and the trigonometry of Box and Muller are plain arithmetic (relative error below 1e-11), so that they fill the
 * lanes. Both normals that a visit may need come of one pair of uniforms. `workload.h` is generated.
 * Usage: c_lanes PEOPLE SEED WARM_UP; prints one JSON line.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workload.h"

enum { FIRST_GAP, DECIDE, DELIVER, BLOCK = 1024 };

#define PLAIN static inline __attribute__((always_inline))
#define ALIGNED __attribute__((aligned(64)))

typedef struct { double expectation, visits; } Customer;
typedef struct { double visits[HORIZON], expected[HORIZON], felt[HORIZON], complaints[HORIZON], leavers[HORIZON]; } Days;

/* Those of a block who will come again, dense: who, and what she keeps in mind; then what the draw and the visit found. */
static uint32_t who[BLOCK] ALIGNED, words[8][BLOCK] ALIGNED;
static double when[BLOCK] ALIGNED, expectation[BLOCK] ALIGNED, norm[BLOCK] ALIGNED, goodwill[BLOCK] ALIGNED;
static double quality[BLOCK] ALIGNED, before[BLOCK] ALIGNED, felt[BLOCK] ALIGNED, complains[BLOCK] ALIGNED, leaves[BLOCK] ALIGNED;
static double next[BLOCK] ALIGNED;
static int32_t day[BLOCK] ALIGNED;

PLAIN double from_bits(uint64_t bits) { double x; memcpy(&x, &bits, sizeof x); return x; }
PLAIN uint64_t to_bits(double x) { uint64_t bits; memcpy(&bits, &x, sizeof bits); return bits; }

/* exp on [-700, 700]: 2^k times the series of the rest, which is below ln(2)/2. */
PLAIN double plain_exp(double x)
{
    double shifted = x * 1.4426950408889634 + 0x1.8p52, k = shifted - 0x1.8p52;
    double r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
    double p = 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return p * from_bits((to_bits(shifted) + 1023) << 52);
}

/* log of a positive normal number: exponent and mantissa in [sqrt(1/2), sqrt(2)), whose log is 2·artanh(s). */
PLAIN double plain_log(double x)
{
    uint64_t bits = to_bits(x) + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
    double k = from_bits((bits >> 52) | 0x4330000000000000) - (0x1p52 + 1023.0);
    double m = from_bits((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
    double s = (m - 1.0) / (m + 1.0), z = s * s;
    double p = 1.0 / 15.0;
    p = p * z + 1.0 / 13.0;
    p = p * z + 1.0 / 11.0;
    p = p * z + 1.0 / 9.0;
    p = p * z + 1.0 / 7.0;
    p = p * z + 1.0 / 5.0;
    p = p * z + 1.0 / 3.0;
    p = p * z + 1.0;
    return k * 0.6931471805599453 + 2.0 * s * p;
}

/* sin and cos of t in [-pi/2, pi/2], as series. */
PLAIN double plain_sin(double t)
{
    double z = t * t, p = 1.0 / 355687428096000.0;
    p = p * z - 1.0 / 1307674368000.0;
    p = p * z + 1.0 / 6227020800.0;
    p = p * z - 1.0 / 39916800.0;
    p = p * z + 1.0 / 362880.0;
    p = p * z - 1.0 / 5040.0;
    p = p * z + 1.0 / 120.0;
    p = p * z - 1.0 / 6.0;
    return t + t * z * p;
}

PLAIN double plain_cos(double t)
{
    double z = t * t, p = 1.0 / 6402373705728000.0;
    p = -p * z + 1.0 / 20922789888000.0;
    p = p * z - 1.0 / 87178291200.0;
    p = p * z + 1.0 / 479001600.0;
    p = p * z - 1.0 / 3628800.0;
    p = p * z + 1.0 / 40320.0;
    p = p * z - 1.0 / 720.0;
    p = p * z + 1.0 / 24.0;
    p = p * z - 0.5;
    return 1.0 + z * p;
}

PLAIN double uniform(uint32_t word) { return from_bits(word | 0x4330000000000000) * 0x1p-32 - (0x1p20 - 0x1p-33); }

/* Four words for each of `count` customers: found[0…3]. */
PLAIN void luck(int count, uint64_t seed, uint32_t occasion, uint32_t purpose, uint32_t (*restrict found)[BLOCK])
{
    for (int i = 0; i < count; i++) {
        uint32_t c0 = who[i], c1 = occasion, c2 = purpose, c3 = 0, k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
            c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint32_t)p1;
            c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint32_t)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        found[0][i] = c0;
        found[1][i] = c1;
        found[2][i] = c2;
        found[3][i] = c3;
    }
}

/* The visits of `count` customers, without a branch. words[0…3]: leaving, gap, complaint, hearing; [4, 5]: the pair of
 * normals; [6]: surprise. */
static void visit(int count)
{
    for (int i = 0; i < count; i++) {
        double radius = sqrt(-2.0 * plain_log(uniform(words[4][i])));
        double turn = uniform(words[5][i]), half = 3.141592653589793 * (turn - 0.5);
        double sine = plain_sin(half), cosine = plain_cos(half);  /* of half the angle, which lies in (-pi, pi) */
        double noise = radius * (1.0 - 2.0 * sine * sine), other = radius * 2.0 * sine * cosine;
        double e = expectation[i], n = norm[i], g = goodwill[i];
        double heard = n + LEARNS * (RIVAL + HEARS_NOISE * other - n);
        n = uniform(words[3][i]) < HEARS ? heard : n;
        double surprise = uniform(words[6][i]) < SURPRISE_CHANCE ? SURPRISE : 0.0;
        double experience = quality[i] + surprise + NOISE * noise;
        double above = n - e, gap = experience - (e + NORM_WEIGHT * (above > 0.0 ? above : 0.0));
        double value = gap < 0.0 ? LOSS * gap : gap, worse = gap < 0.0 ? gap : 0.0;
        double moved = experience - e;
        before[i] = e;
        felt[i] = value;
        complains[i] = uniform(words[2][i]) < 1.0 - plain_exp(COMPLAINING * worse) ? 1.0 : 0.0;
        expectation[i] = e + (moved > 0.0 ? UP : DOWN) * moved;
        norm[i] = n;
        g += MEMORY * (value - g);
        goodwill[i] = g;
        leaves[i] = uniform(words[0][i]) * (1.0 + plain_exp(LEAVING + LEAVING_GOODWILL * g)) < 1.0 ? 1.0 : 0.0;
        double mean = EVERY * plain_exp(-EVERY_GOODWILL * g);
        mean = mean < SHORTEST ? SHORTEST : mean;
        mean = mean > LONGEST ? LONGEST : mean;
        next[i] = when[i] - mean * plain_log(uniform(words[1][i]));
    }
}

/* Sums by day; those who come again move to the front, the others go to their rows. How many come again. */
static int tally(int count, double made, uint32_t first, Customer *all, Days *days)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        int today = day[i];
        days->visits[today] += 1.0;
        days->expected[today] += before[i];
        days->felt[today] += felt[i];
        days->complaints[today] += complains[i];
        days->leavers[today] += leaves[i];
        all[who[i] - first].expectation = expectation[i];
        all[who[i] - first].visits = made;
        who[kept] = who[i];
        when[kept] = next[i];
        expectation[kept] = expectation[i];
        norm[kept] = norm[i];
        goodwill[kept] = goodwill[i];
        kept += leaves[i] == 0.0 && next[i] < HORIZON;
    }
    return kept;
}

static void live(uint32_t first, int count, uint64_t seed, Customer *all, Days *days)
{
    for (int i = 0; i < count; i++) {
        who[i] = first + (uint32_t)i;
        expectation[i] = norm[i] = START;
        goodwill[i] = 0.0;
        all[i].expectation = START;
        all[i].visits = 0.0;
    }
    luck(count, seed, 0, FIRST_GAP, words);
    for (int i = 0; i < count; i++)
        when[i] = -EVERY * plain_log(uniform(words[0][i]));
    int coming = 0;
    for (int i = 0; i < count; i++)
        if (when[i] < HORIZON) {
            who[coming] = who[i];
            when[coming++] = when[i];
        }
    for (uint32_t occasion = 0; coming > 0; occasion++) {
        for (int i = 0; i < coming; i++) {
            day[i] = (int32_t)when[i];
            quality[i] = QUALITY[day[i]];
        }
        luck(coming, seed, occasion, DECIDE, words);
        luck(coming, seed, occasion, DELIVER, words + 4);
        visit(coming);
        coming = tally(coming, occasion + 1.0, first, all, days);
    }
}

static Customer *simulate(uint32_t people, uint64_t seed, Days *days)
{
    Customer *all = malloc(people * sizeof *all);
    if (all == NULL)
        abort();
    memset(days, 0, sizeof *days);
    for (uint32_t first = 0; first < people; first += BLOCK)
        live(first, people - first < BLOCK ? (int)(people - first) : BLOCK, seed, all + first, days);
    return all;
}

static double sum(const double *values)
{
    double total = 0.0;
    for (int today = 0; today < HORIZON; today++)
        total += values[today];
    return total;
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Bytes of a line of the process's status, "VmRSS:" now or "VmHWM:" at most. */
static double memory(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    double kilobytes = 0.0;
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = atof(line + strlen(name));
    if (status != NULL)
        fclose(status);
    return kilobytes * 1024.0;
}

int main(int count, char **told)
{
    if (count != 4)
        return 2;
    uint32_t people = (uint32_t)strtoul(told[1], NULL, 10);
    uint64_t seed = strtoull(told[2], NULL, 10);
    static Days days;
    free(simulate((uint32_t)strtoul(told[3], NULL, 10), seed, &days));

    double resident = memory("VmRSS:"), start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    Customer *all = simulate(people, seed, &days);
    double seconds = now(CLOCK_MONOTONIC) - start, cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double peak = memory("VmHWM:") - resident;

    double visits = sum(days.visits), leavers = sum(days.leavers), ends = 0.0, end_squares = 0.0, visit_squares = 0.0;
    for (uint32_t i = 0; i < people; i++) {
        ends += all[i].expectation;
        end_squares += all[i].expectation * all[i].expectation;
        visit_squares += all[i].visits * all[i].visits;
    }
    double end = ends / people, each = visits / people;
    printf("{\"name\": \"C, in SIMD lanes\", \"customers\": %u, \"seconds\": %.9g, \"cpu_seconds\": %.9g, \"visits_per_second\": %.9g, "
           "\"peak_bytes_per_customer\": %.6g, \"visits_per_customer\": %.12g, \"left_share\": %.12g, \"visits\": %.17g, "
           "\"leavers\": %.17g, \"mean_expectation_end\": %.15g, \"expected_sum\": %.17g, \"felt_sum\": %.17g, "
           "\"complaints\": %.17g, \"visits_sd\": %.9g, \"expectation_end_sd\": %.9g}\n",
           people, seconds, cpu_seconds, visits / seconds, peak / people, each, leavers / people, visits, leavers, end,
           sum(days.expected), sum(days.felt), sum(days.complaints), sqrt(visit_squares / people - each * each),
           sqrt(end_squares / people - end * end));
    free(all);
    return 0;
}
