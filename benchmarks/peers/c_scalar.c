/* The workload by hand: scalar C, one thread, one customer after another, luck by Philox4x32-10.
 *
 * Counter (customer, occasion, purpose, 0), key the seed. Each of the four 32-bit words of a block is a uniform of its
 * own: a visit costs two blocks. (The product takes 53 bits a uniform, hence twice as many blocks: this program is
 * given the cheaper choice that somebody who writes for speed would take.) `workload.h` is generated.
 * Usage: c_scalar PEOPLE SEED WARM_UP; prints one JSON line.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workload.h"

enum { FIRST_GAP, DECIDE, DELIVER };

typedef struct { double first, second, third, fourth; } Four;
typedef struct { double expectation, norm, goodwill, when; int32_t visits; uint8_t gone; } Customer;
typedef struct { double visits[HORIZON], expected[HORIZON], felt[HORIZON], complaints[HORIZON], leavers[HORIZON]; } Days;

/* Four uniforms in (0, 1). */
static inline Four luck(uint64_t seed, uint32_t customer, uint32_t occasion, uint32_t purpose)
{
    uint32_t c0 = customer, c1 = occasion, c2 = purpose, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    Four uniforms = {(c0 + 0.5) * 0x1p-32, (c1 + 0.5) * 0x1p-32, (c2 + 0.5) * 0x1p-32, (c3 + 0.5) * 0x1p-32};
    return uniforms;
}

/* The u-quantile of the standard normal: algorithm AS 241, PPND16 (Wichura 1988). */
static inline double normal(double u)
{
    double q = u - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                        + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
                     + 133.14166789178437745) * r + 3.387132872796366608)
             / (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                    + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
                 + 42.313330701600911252) * r + 1.0);
    }
    double tail = fmax(q < 0.0 ? u : 1.0 - u, 0x1p-54), r = sqrt(-log(tail)), x;
    if (r <= 5.0) {
        r -= 1.6;
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
              + 4.6303378461565452959) * r + 1.42343711074968357734)
            / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                   + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                + 2.05319162663775882187) * r + 1.0);
    } else {
        r -= 5.0;
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
              + 5.4637849111641143699) * r + 6.6579046435011037772)
            / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                   + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
                + 0.59983220655588793769) * r + 1.0);
    }
    return q < 0.0 ? -x : x;
}

static inline double exponential(double u) { return -log(1.0 - u); }

static void live(Customer *her, uint32_t number, uint64_t seed, Days *days)
{
    her->expectation = her->norm = START;
    her->goodwill = 0.0;
    her->visits = 0;
    her->gone = 0;
    her->when = EVERY * exponential(luck(seed, number, 0, FIRST_GAP).first);
    while (her->when < HORIZON) {
        int day = (int)her->when;
        uint32_t occasion = (uint32_t)her->visits;
        Four decide = luck(seed, number, occasion, DECIDE), deliver = luck(seed, number, occasion, DELIVER);
        if (decide.fourth < HEARS)
            her->norm += LEARNS * (RIVAL + HEARS_NOISE * normal(deliver.third) - her->norm);
        double experience = QUALITY[day] + (deliver.second < SURPRISE_CHANCE ? SURPRISE : 0.0) + NOISE * normal(deliver.first);
        double above = her->norm - her->expectation;
        double gap = experience - (her->expectation + NORM_WEIGHT * (above > 0.0 ? above : 0.0));
        double felt = gap < 0.0 ? LOSS * gap : gap;
        days->visits[day] += 1.0;
        days->expected[day] += her->expectation;
        days->felt[day] += felt;
        days->complaints[day] += gap < 0.0 && decide.third < 1.0 - exp(COMPLAINING * gap);
        double moved = experience - her->expectation;
        her->expectation += (moved > 0.0 ? UP : DOWN) * moved;
        her->goodwill += MEMORY * (felt - her->goodwill);
        her->visits++;
        if (decide.first < 1.0 / (1.0 + exp(LEAVING + LEAVING_GOODWILL * her->goodwill))) {
            her->gone = 1;
            days->leavers[day] += 1.0;
            return;
        }
        double mean = EVERY * exp(-EVERY_GOODWILL * her->goodwill);
        her->when += fmin(fmax(mean, SHORTEST), LONGEST) * exponential(decide.second);
    }
}

static Customer *simulate(uint32_t people, uint64_t seed, Days *days)
{
    Customer *all = malloc(people * sizeof *all);
    if (all == NULL)
        abort();
    memset(days, 0, sizeof *days);
    for (uint32_t number = 0; number < people; number++)
        live(all + number, number, seed, days);
    return all;
}

static double sum(const double *values)
{
    double total = 0.0;
    for (int day = 0; day < HORIZON; day++)
        total += values[day];
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

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    uint32_t people = (uint32_t)strtoul(words[1], NULL, 10);
    uint64_t seed = strtoull(words[2], NULL, 10);
    static Days days;
    free(simulate((uint32_t)strtoul(words[3], NULL, 10), seed, &days));

    double before = memory("VmRSS:"), start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    Customer *all = simulate(people, seed, &days);
    double seconds = now(CLOCK_MONOTONIC) - start, cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double peak = memory("VmHWM:") - before;

    double visits = sum(days.visits), leavers = sum(days.leavers), ends = 0.0, end_squares = 0.0, visit_squares = 0.0;
    for (uint32_t i = 0; i < people; i++) {
        ends += all[i].expectation;
        end_squares += all[i].expectation * all[i].expectation;
        visit_squares += (double)all[i].visits * all[i].visits;
    }
    double end = ends / people, each = visits / people;
    printf("{\"name\": \"C, scalar, one thread\", \"customers\": %u, \"seconds\": %.9g, \"cpu_seconds\": %.9g, \"visits_per_second\": %.9g, "
           "\"peak_bytes_per_customer\": %.6g, \"visits_per_customer\": %.12g, \"left_share\": %.12g, \"visits\": %.17g, "
           "\"leavers\": %.17g, \"mean_expectation_end\": %.15g, \"expected_sum\": %.17g, \"felt_sum\": %.17g, "
           "\"complaints\": %.17g, \"visits_sd\": %.9g, \"expectation_end_sd\": %.9g}\n",
           people, seconds, cpu_seconds, visits / seconds, peak / people, each, leavers / people, visits, leavers, end,
           sum(days.expected), sum(days.felt), sum(days.complaints), sqrt(visit_squares / people - each * each),
           sqrt(end_squares / people - end * end));
    free(all);
    return 0;
}
