/* Prints the frequency of this machine's time stamp counter in kHz: that of the guest's, under emulation */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

struct sample {
        uint64_t tsc;
        int64_t ns;
};

static int64_t now(void) {
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Both clocks at the same time: the best of many, since we may lose the processor in between */
static struct sample take(void) {
        int64_t best = INT64_MAX;
        struct sample s = {};

        for (int i = 0; i < 100; i++) {
                int64_t before = now();
                uint64_t tsc = __rdtsc();
                int64_t after = now();

                if (after - before < best) {
                        best = after - before;
                        s = (struct sample) { tsc, before + best / 2 };
                }
        }
        return s;
}

int main(void) {
        struct sample a = take(), b;

        usleep(50000);
        b = take();
        printf("%.0f\n", (double) (b.tsc - a.tsc) * 1e6 / (double) (b.ns - a.ns));
        return 0;
}
